# What follows ils-migrate. The entities and presets are those that are installed.
function __ils_migrate_names -a kind
    for file in (dirname (readlink -f (command -v ils-migrate)))/../share/ils/$kind/*.json
        basename $file .json
    end
end
function __ils_migrate_options
    ils-migrate --help | string match -ar -- '--[a-z-]+' | sort -u
end
complete -c ils-migrate -n 'test (count (commandline -opc)) -eq 1' -f -a '(__ils_migrate_names entities)'
complete -c ils-migrate -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__ils_migrate_options)'
complete -c ils-migrate -l mappings -r -a '(__ils_migrate_names presets)'
