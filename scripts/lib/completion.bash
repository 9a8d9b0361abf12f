# Sourced by bash: what follows ils-migrate. The entities and presets are those that are installed.
# shellcheck shell=bash
_ils_migrate() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} data
  data=$(dirname "$(readlink -f "$(command -v ils-migrate)")")/../share/ils
  local entities=() presets=() file
  for file in "$data"/entities/*.json; do [ ! -e "$file" ] || entities+=("$(basename "$file" .json)"); done
  for file in "$data"/presets/*.json; do [ ! -e "$file" ] || presets+=("$(basename "$file" .json)"); done
  case $before in
    --mappings) mapfile -t COMPREPLY < <(compgen -W "${presets[*]}" -- "$current"; compgen -f -- "$current") ;;
    --keep) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    *)
      if [[ $current = -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(ils-migrate --help | grep -oE -- '--[a-z-]+' | sort -u)" -- "$current")
      elif [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "${entities[*]}" -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
      fi
      ;;
  esac
}
complete -o filenames -F _ils_migrate ils-migrate
