# Sourced: takes the password out of a connection, since all users of a machine see the arguments of a program.
# shellcheck shell=bash disable=SC2034 # those who source it use what it sets

# Sets ils_connection to URL (a URL or a conninfo string) without its password, and exports that as PGPASSWORD.
ils_connect() { # URL
  local url=$1 password='' found='' part=''
  local user='^(postgres(ql)?://[^:@/]*):([^@/]*)@(.*)$' query='^(.*[?&])password=([^&]*)&?(.*)$'
  local quoted="^(.*)(^|[[:space:]])password[[:space:]]*=[[:space:]]*('(([^'\\\\]|\\\\.)*)'|[^[:space:]']+)(.*)\$"
  case $url in
    postgres://* | postgresql://*)
      # A password with marks of its own would be taken for a host, and told as one.
      local rest=${url#*://} authority
      authority=${rest%%/*}
      if [[ $authority == *@*@* || $authority != *@* && ${rest%%\?*} == *@* ]]; then
        echo "the connection's URL cannot be read: in a password, write @ as %40, / as %2F and : as %3A" >&2
        return 64
      fi
      if [[ $url =~ $user ]]; then
        found=yes part=${BASH_REMATCH[3]} url=${BASH_REMATCH[1]}@${BASH_REMATCH[4]}
      fi
      if [[ $url =~ $query ]]; then
        found=yes part=${BASH_REMATCH[2]} url=${BASH_REMATCH[1]}${BASH_REMATCH[3]}
      fi
      # %41 is a letter; a backslash is itself.
      part=${part//\\/\\\\}
      printf -v password '%b' "${part//%/\\x}"
      ;;
    *)
      if [[ $url =~ $quoted ]]; then
        found=yes url="${BASH_REMATCH[1]} ${BASH_REMATCH[6]}"
        password=${BASH_REMATCH[3]}
        if [[ $password == \'* ]]; then password=${BASH_REMATCH[4]}; fi
        part=''
        while [[ $password == *\\* ]]; do
          part+=${password%%\\*}
          password=${password#*\\}
          part+=${password:0:1}
          password=${password:1}
        done
        password=$part$password
      fi
      ;;
  esac
  ils_connection=$url
  if [ -n "$found" ]; then export PGPASSWORD=$password; fi
}
