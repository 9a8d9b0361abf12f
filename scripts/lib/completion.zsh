#compdef ils-migrate
# What follows ils-migrate. The entities and presets are those that are installed.
local data=${$(readlink -f -- "$(command -v ils-migrate)"):h:h}/share/ils
local -a entities presets options
entities=($data/entities/*.json(N:t:r))
presets=($data/presets/*.json(N:t:r))
options=(${(u)${(f)"$(ils-migrate --help | grep -oE -- '--[a-z-]+')"}})
if [[ $words[CURRENT-1] == --mappings ]]; then
  compadd -a presets
  _files
elif [[ $words[CURRENT-1] == --keep ]]; then
  _files -/
elif [[ $PREFIX == -* ]]; then
  compadd -a options
elif ((CURRENT == 2)); then
  compadd -a entities
else
  _files
fi
