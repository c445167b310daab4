// The script of each shell: it hands the words over and shows the candidates, `value TAB description` a line.

/** Bash breaks words at `=` and `:`, so they are put together again, and what stands before is taken off the answers. */
const BASH = `# natter completion for bash; in ~/.bashrc: eval "$(natter completion bash)"
_natter() {
  local rest=\${COMP_LINE:0:COMP_POINT} words=() word trimmed i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    trimmed=\${rest#"\${rest%%[![:space:]]*}"}
    ((i == COMP_CWORD)) && word=$trimmed
    if ((i > 0)) && [[ $rest == "$trimmed" && -n $word ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    rest=\${trimmed#"$word"}
  done
  local current=\${words[\${#words[@]}-1]} glued= value description
  [[ $current == *[:=]* ]] && glued=\${current%"\${current##*[:=]}"}
  local values=() shown=() files=
  while IFS=$'\\t' read -r value description; do
    if [[ $value == :files ]]; then files=1; continue; fi
    values+=("\${value#"$glued"}")
    shown+=("\${value#"$glued"}\${description:+  ($description)}")
  done < <(command natter completion words -- "\${words[@]:1}" 2>/dev/null </dev/null)
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r value; do values+=("$value"); done < <(compgen -f -- "\${current#"$glued"}")
  elif ((COMP_TYPE == 63 && \${#shown[@]} > 1)); then
    values=("\${shown[@]}")
  fi
  COMPREPLY=("\${values[@]}")
  [[ \${#values[@]} -eq 1 && \${values[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _natter natter
`

const ZSH = `#compdef natter
# natter completion for zsh; in ~/.zshrc after compinit: eval "$(natter completion zsh)"
_natter() {
  local -a candidates
  local value description files=
  while IFS=$'\\t' read -r value description; do
    if [[ $value == :files ]]; then files=1; continue; fi
    candidates+=("\${value//:/\\\\:}\${description:+:$description}")
  done < <(command natter completion words -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)
  if [[ -n $files ]]; then
    _files
  else
    _describe -V 'natter' candidates
  fi
}
if [[ "\${funcstack[1]}" == _natter ]]; then _natter "$@"; else compdef _natter natter; fi
`

const FISH = `# natter completion for fish; in config.fish: natter completion fish | source
function __natter_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (command natter completion words -- $words[2..-1] "$current" 2>/dev/null </dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            printf '%s\\n' $line
        end
    end
end
complete -c natter -f -a '(__natter_complete)'
`

export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const
