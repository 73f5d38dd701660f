/** The files that `hakiri init` makes, as text. */

/** A file, by its path in the project. */
export interface ProjectFile {
  readonly path: string;
  readonly text: string;
}

const project = `# A hakiri project. Every line here is optional; what is commented out is the default,
# where it says no other.

# name = "my_project"                # the folder's name without

[store]
# retention = { days = 7, snapshots = 10 }
#                                    # a snapshot is kept while younger, or among the newest
# resume_ttl = "7d"                  # how long a failed run can be gone on with
# gc_grace = "1d"                    # how long a file stays after its last snapshot
# memory_limit = "4 GiB"             # of the query engine; at most half of the machine's
# threads = 4                        # of the query engine; the default is one for each core
`;

const pipeline = `# A pipeline: run it with 'hakiri run example'. Its name is the file's.
# Check changes with 'hakiri validate', and see what a run would do with 'hakiri plan example'.
# All that it can say: docs/guide/pipelines.md

connector = "file"
# namespace = "main"                 # where its tables go
# naming = "source"                  # or "snake_case": how columns are spelled
# on_change = "replace"              # a changed file replaces its rows; or "append", "error"
# on_missing = "keep"                # rows of a file that is gone stay; or "delete"

[source]
path = "data/example.csv"            # relative to the project; or a pattern:
# glob = "data/*.csv"
stream = "example"
# A secret stands here by reference only, as in: password = { env = "MY_PASSWORD" }

# What is said about single streams:
# [[streams]]
# stream = "example"
# table = "example"
# disposition = "append"             # or "replace", "merge"
# primary_key = ["id"]
`;

const data = `id,name,joined
1,Ada,2026-01-05
2,Grace,2026-02-11
3,Radia,2026-03-23
`;

/** In the order in which they are made. */
export const projectFiles: readonly ProjectFile[] = [
  { path: "hakiri.toml", text: project },
  { path: "pipelines/example.toml", text: pipeline },
  { path: "data/example.csv", text: data },
];
