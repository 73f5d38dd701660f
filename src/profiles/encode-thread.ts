/** Entry of a thread that encodes parts, where a project has some. */
export { encode } from "../context/stage/encode-task.ts";
