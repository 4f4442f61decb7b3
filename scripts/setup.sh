# Sourced by the commands of this folder: brings what a fresh machine lacks, says so on standard error, and leaves
# PATH and the compile cache set so that `node` is Node 24. Idempotent; a second run only compares stamps.
#
#   setup run     what a site needs       (broker, agent, vision, voice)
#   setup test    the same and what the tests need (Chromium, PulseAudio, file system tools)
#   setup extended    the same and what the slow tests need (QEMU, a compiler for arm64)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/.tools
NODE_MAJOR=24

RUN_PACKAGES=(gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-base-apps gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
  gstreamer1.0-libav libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev g++ make python3 pkg-config
  espeak-ng pulseaudio-utils util-linux fonts-wqy-microhei avrdude mtools openssh-client)
TEST_PACKAGES=(chromium pulseaudio fonts-noto-cjk fonts-noto-core e2fsprogs mount procps openssl
  gir1.2-gst-rtsp-server-1.0 python3-gi libsimavr-dev libelf-dev alsa-utils dosfstools swtpm tpm2-tools poppler-utils)
EXTENDED_PACKAGES=(qemu-system-arm qemu-system-x86 gcc-aarch64-linux-gnu g++-aarch64-linux-gnu libc6-dev-arm64-cross cpio
  buildah runc qemu-user-static mmdebstrap pipewire wireplumber dbus-daemon)

say() { printf '%s\n' "$*" >&2; }

setup() {
  local level=$1
  use_compile_cache
  if up_to_date "$level"; then
    use_node
    return
  fi
  mkdir -p "$tools"
  exec 9>"$tools/lock"
  if ! flock -n 9; then
    say 'Another set-up is running here; waiting for it.'
    flock 9
  fi
  announce "$level"
  install_packages "$level"
  install_node
  use_node
  install_modules
  build_addon
  build_pages
  warm_compile_cache
  stamp_of "$level" >"$tools/stamp-$level"
  if [ "$level" != run ]; then stamp_of run >"$tools/stamp-run"; fi
  if [ "$level" = extended ]; then stamp_of test >"$tools/stamp-test"; fi
  exec 9>&-
  say 'Set-up is done.'
}

# --- what is there -------------------------------------------------------------------------------------------------

up_to_date() {
  [ -f "$tools/stamp-$1" ] && [ -d "$root/node_modules" ] && [ "$(stamp_of "$1")" = "$(<"$tools/stamp-$1")" ]
}

# What a finished set-up depends on: the locked modules, the sources of the addon and the pages, this script.
stamp_of() {
  cat "$root/package-lock.json" "$root/package.json" "$root/scripts/setup.sh" | cksum
  cat "$root"/native/* | cksum
  find "$root/broker/console" "$root/agent/kiosk-page" -type f -printf '%P %T@\n' 2>/dev/null | sort | cksum
}

packages_of() {
  printf '%s\n' "${RUN_PACKAGES[@]}"
  if [ "$1" != run ]; then printf '%s\n' "${TEST_PACKAGES[@]}"; fi
  if [ "$1" = extended ]; then printf '%s\n' "${EXTENDED_PACKAGES[@]}"; fi
}

missing_packages() {
  command -v dpkg-query >/dev/null || return 0
  packages_of "$1" | while read -r name; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$name"
  done
}

announce() {
  local missing
  missing=$(missing_packages "$1")
  say 'Setting up Watchpost.'
  if [ -n "$missing" ]; then say "  Debian packages to install (about 2 minutes, up to 1.2 GB): $missing"; fi
  if [ ! -d "$root/node_modules" ]; then
    say '  Node 24 and npm packages into .tools/ and node_modules/ (about 1 minute, 650 MB).'
  fi
}

# --- Debian packages -----------------------------------------------------------------------------------------------

install_packages() {
  local missing apt=()
  missing=$(missing_packages "$1")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then
      apt=(sudo -n)
    else
      say '  No right to install packages here. What needs them is left out until somebody with the right runs:'
      say "    sudo apt-get install --no-install-recommends $missing"
      return 0
    fi
  fi
  apt+=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 -q)
  say '  Installing Debian packages…'
  # shellcheck disable=SC2086 # the list is words
  if quietly "${apt[@]}" update && quietly "${apt[@]}" install -y --no-install-recommends $missing; then
    say '  Debian packages are installed.'
  else
    say "  Debian packages could not be installed (see above). What needs them is left out; try:"
    say "    sudo apt-get update && sudo apt-get install --no-install-recommends $missing"
  fi
}

# --- Node and npm --------------------------------------------------------------------------------------------------

use_node() {
  export PATH="$tools/node_modules/.bin:$PATH"
  local headers
  headers=$(echo "$tools"/node_modules/node/node_modules/node-linux-*)
  # Native addons must build against the Node that loads them, whatever npm is configured with.
  if [ -d "$headers/include" ]; then export npm_config_nodedir=$headers; fi
}

install_node() {
  if [ -x "$tools/node_modules/.bin/node" ] &&
    [[ $("$tools/node_modules/.bin/node" --version) == v$NODE_MAJOR.* ]]; then return; fi
  command -v npm >/dev/null || {
    say 'WP5020 npm is missing. Install Node.js with npm (any version), for example: sudo apt-get install nodejs npm'
    exit 1
  }
  say "  Fetching Node $NODE_MAJOR…"
  quietly npm install --prefix "$tools" --no-audit --no-fund --loglevel=error "node@$NODE_MAJOR" npm@11 || {
    say 'WP5021 Node could not be fetched from the npm registry (see above). Check the network and try again.'
    exit 1
  }
}

install_modules() {
  local wanted
  wanted=$(cat "$root/package-lock.json" <(node --version) <(pkg-config --modversion gstreamer-1.0 2>&1) | cksum)
  if [ -d "$root/node_modules" ] && [ "$wanted" = "$(cat "$tools/modules-stamp" 2>/dev/null)" ]; then return; fi
  # An install that was cut short must not pass for a finished one.
  rm -f "$tools/modules-stamp"
  say '  Installing npm packages…'
  (cd "$root" && quietly npm ci --no-audit --no-fund --loglevel=error) || {
    say 'WP5022 The npm packages could not be installed (see above). Check the network and try again.'
    exit 1
  }
  (cd "$root" && quietly npx --no-install tap build) || {
    say 'WP5022 The test runner could not be put together (see above).'
    exit 1
  }
  printf '%s\n' "$wanted" >"$tools/modules-stamp"
  if ! (cd "$root" && node -e 'require("gstreamer-superficial")' 2>/dev/null); then
    say '  The camera addon could not be built; pictures will come through gst-launch-1.0 where that is installed.'
  fi
}

# Runs a command with its output in a file, which is shown only when it failed; on a terminal a dot every 2 s says
# that something goes on.
quietly() {
  local out dots='' status=0
  out=$(mktemp)
  if [ -t 2 ]; then
    (while sleep 2; do printf '.' >&2; done) 9>&- &
    dots=$!
  fi
  "$@" >"$out" 2>&1 || status=$?
  if [ -n "$dots" ]; then
    kill "$dots"
    wait "$dots" 2>/dev/null || true
    printf '\r\033[K' >&2
  fi
  if [ "$status" -ne 0 ]; then cat "$out" >&2; fi
  rm -f "$out"
  return "$status"
}

# --- built things --------------------------------------------------------------------------------------------------

# The project's own addon (native/): GPIO lines, notifications to systemd. Everything else runs without it.
build_addon() {
  local out=$root/.cache/native/linux-$(node -p process.arch)
  local wanted
  wanted=$(cat "$root"/native/* <(node --version) | cksum)
  if [ -f "$out/watchpost.node" ] && [ "$wanted" = "$(cat "$out/stamp" 2>/dev/null)" ]; then return; fi
  rm -f "$out/stamp"
  if ! command -v cc >/dev/null; then
    say '  No C compiler (apt-get install gcc): the addon for GPIO lines is left out.'
    return
  fi
  if quietly "$root/native/build.sh" cc "$npm_config_nodedir/include/node" "$out/watchpost.node"; then
    printf '%s\n' "$wanted" >"$out/stamp"
  else
    say '  The addon for GPIO lines could not be built (see above) and is left out.'
  fi
}

build_pages() {
  (cd "$root" && quietly node scripts/commands/build-console.ts && quietly node scripts/commands/build-kiosk.ts) || {
    say 'WP5023 A page, of the console or of the kiosk, could not be built (see above).'
    exit 1
  }
}

use_compile_cache() { export NODE_COMPILE_CACHE="$root/.cache/compile"; }

warm_compile_cache() {
  local flags
  (
    cd "$root" && quietly node scripts/warm-compile-cache.ts cli vision &&
      flags_of agent && quietly node "${flags[@]}" scripts/warm-compile-cache.ts agent &&
      flags_of broker && quietly node "${flags[@]}" scripts/warm-compile-cache.ts broker
  ) ||
    say '  The compile cache could not be warmed; starts will be slower.'
}

# Sets `flags` to what Node is started with for `agent` or `broker`.
flags_of() { mapfile -t flags < <(sed "s|ROOT|$root|" "$root/scripts/site/$1-flags"); }
