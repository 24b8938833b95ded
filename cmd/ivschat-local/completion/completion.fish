# Completion of ivschat-local for fish. Load it with: ivschat-local completion fish | source

function __ivschat_local
    set -l words (commandline -opc)
    set -l suggestions ($words[1] __complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
    if test "$suggestions[1]" = ":file"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $suggestions
    end
end

complete -c ivschat-local -f -a '(__ivschat_local)'
