/**
 * The scripts that shells read. They ask `hakiri __complete WORD...` at each tab, so that they know
 * what the installed hakiri knows, and leave the names of files and folders to the shell.
 */

/** The script of each shell. */
export const completionScripts: Readonly<Record<"bash" | "zsh" | "fish", string>> = {
  // Bash cuts words at = and : as well, which hakiri doesn't: they are joined for the question, and
  // what stands before the last cut is taken off the answers. It runs on macOS's bash 3.2, which
  // has no compopt and completes names of files where nothing else fits.
  bash: `# Completion of hakiri for bash.
_hakiri() {
  local word previous="" prefix current also i
  local -a typed=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((\${#typed[@]} > 0)) && [[ $word == [=:]* || $previous == *[=:] ]]; then
      typed[\${#typed[@]} - 1]+=$word
    else
      typed+=("$word")
    fi
    previous=$word
  done
  current=\${COMP_WORDS[COMP_CWORD]}
  case $current in [=:]*) current="" ;; esac
  word=\${typed[\${#typed[@]} - 1]}
  prefix=\${word%"$current"}
  COMPREPLY=()
  also=""
  while IFS= read -r word; do
    if [[ -z $also ]]; then
      also=$word
    else
      word=\${word%%$'\\t'*}
      COMPREPLY+=("\${word#"$prefix"}")
    fi
  done < <("\${COMP_WORDS[0]/#\\~/\${HOME-}}" __complete "\${typed[@]}" 2>/dev/null)
  case $also in
    :files) ;;
    :folders) compopt +o default -o dirnames 2>/dev/null ;;
    *) compopt +o default 2>/dev/null ;;
  esac
}
complete -o default -F _hakiri hakiri
`,
  zsh: `#compdef hakiri
# Completion of hakiri for zsh.
_hakiri() {
  local line
  local -a lines found
  lines=("\${(@f)$("\${(Q)words[1]}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${(@)lines[2,-1]}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( \${#found} )) && _describe -t words hakiri found
  case $lines[1] in
    :files) _files ;;
    :folders) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _hakiri ]]; then
  _hakiri "$@"
else
  compdef _hakiri hakiri
fi
`,
  fish: `# Completion of hakiri for fish.
function __hakiri_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command $typed[1] __complete $typed[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case :files
            __fish_complete_path "$current"
        case :folders
            __fish_complete_directories "$current"
    end
    if set -q lines[2]
        printf '%s\\n' $lines[2..-1]
    end
end
complete -c hakiri -f -a '(__hakiri_complete)'
`,
};
