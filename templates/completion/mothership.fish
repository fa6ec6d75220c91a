# Completion for fish. Load it in ~/.config/fish/config.fish: mothership autocomplete fish | source
function __mothership_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] complete -- $words[2..] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c mothership -f -a '(__mothership_complete)'
