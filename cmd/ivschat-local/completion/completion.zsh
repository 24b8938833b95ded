#compdef ivschat-local
# Completion of ivschat-local for zsh. Load it with: source <(ivschat-local completion zsh)

_ivschat_local() {
  local line word
  local -a suggestions
  for line in "${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2> /dev/null)}"; do
    if [[ $line == ":file"* ]]; then
      _files
      return
    fi
    [[ -n $line ]] || continue
    word="${${line%%$'\t'*}//:/\\:}" # otherwise a colon begins the description
    [[ $line == *$'\t'* ]] && word+=":${line#*$'\t'}"
    suggestions+=("$word")
  done
  _describe 'ivschat-local' suggestions
}

# As a file in $fpath, it is the function itself. Otherwise it is registered.
if [[ $funcstack[1] == _ivschat-local ]]; then
  _ivschat_local "$@"
elif (( $+functions[compdef] )); then
  compdef _ivschat_local ivschat-local
else
  autoload -Uz compinit && compinit
  compdef _ivschat_local ivschat-local
fi
