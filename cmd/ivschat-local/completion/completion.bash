# Completion of ivschat-local for bash. Load it with: source <(ivschat-local completion bash)

_ivschat_local() {
  local line="${COMP_LINE:0:COMP_POINT}" word suggestion breaks="" prefix=""
  local -a words
  # bash splits words at : and =, which ARNs and flags have.
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word="${words[${#words[@]} - 1]}"
  # Of the word, bash replaces only what follows the last of them.
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=":"
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+="="
  [[ -n $breaks ]] && prefix="${word%"${word##*[$breaks]}"}"
  COMPREPLY=()
  while IFS=$'\t' read -r suggestion _; do
    if [[ $suggestion == ":file" ]]; then
      compopt -o default
      COMPREPLY=()
      return
    fi
    COMPREPLY+=("${suggestion#"$prefix"}")
  done < <("$1" __complete -- "${words[@]:1}" 2> /dev/null)
}

complete -F _ivschat_local ivschat-local
