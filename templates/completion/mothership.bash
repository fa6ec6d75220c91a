# Completion for bash. Load it in ~/.bashrc: source <(mothership autocomplete bash)
_mothership() {
  local line=${COMP_LINE:0:COMP_POINT} candidate _
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  # Readline completes only what follows a colon or an equals sign: that part is $2.
  local whole=${words[${#words[@]} - 1]}
  local done=${whole%"$2"}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    COMPREPLY+=("${candidate#"$done"}")
  done < <("$1" complete -- "${words[@]:1}" 2>/dev/null)
  [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o default -F _mothership mothership
