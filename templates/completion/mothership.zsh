#compdef mothership
# Completion for zsh. Load it in ~/.zshrc: source <(mothership autocomplete zsh)
_mothership() {
  local line suffix=' '
  local -a values shown
  for line in "${(@f)$("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    values+=("${line%%$'\t'*}")
    shown+=("${line/$'\t'/  -- }")
  done
  (( $#values )) || { _files; return }
  [[ $values[1] == *= ]] && suffix=''
  compadd -l -d shown -S "$suffix" -a values
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _mothership mothership
