# Sourced: unpacks Debian packages into a folder, without installing any of them.
#   use_packages ARCHITECTURE WORK   a package system of its own under WORK, which believes that nothing is installed
#   kernel_package META              the package of the newest kernel behind a meta package
#   unpack TREE NAME…                these packages alone
#   unpack_with_needs TREE NAME…     these and what they depend on

use_packages() {
  local work=$2
  mkdir -p "$work"/apt/{lists,cache/archives}/partial
  : >"$work/apt/status"
  apt=(-q -o "APT::Architecture=$1" -o "APT::Architectures=$1" -o APT::Sandbox::User=root -o Acquire::Languages=none
    -o "Dir::State=$work/apt" -o "Dir::State::lists=$work/apt/lists" -o "Dir::State::status=$work/apt/status"
    -o "Dir::Cache=$work/apt/cache")
  archives=$work/apt/cache/archives
  apt-get "${apt[@]}" update
}

kernel_package() {
  apt-cache "${apt[@]}" depends "$1" | awk '$1 == "Depends:" && /linux-image-[0-9]/ { print $2; exit }'
}

unpack() {
  local tree=$1
  shift
  rm -f "$archives"/*.deb
  (cd "$archives" && apt-get "${apt[@]}" download "$@")
  unpack_archives "$tree"
}

unpack_with_needs() {
  local tree=$1
  shift
  rm -f "$archives"/*.deb
  apt-get "${apt[@]}" -y --no-install-recommends --download-only install "$@"
  unpack_archives "$tree"
}

# Links such as /lib → /usr/lib that the tree has already are kept.
unpack_archives() {
  local deb
  mkdir -p "$1"
  for deb in "$archives"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$1"
  done
}
