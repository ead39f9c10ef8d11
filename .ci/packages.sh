# Finds and installs the system packages that Lilt builds with; sourced by `run` and `test`.
# Everything it does, it says; it asks for sudo only where a package is missing.

lilt_say() { printf 'lilt: %s\n' "$*" >&2; }

# lilt_packages PACKAGE… installs those Debian packages that are missing.
lilt_packages_debian() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            lilt_say "these Debian packages are missing, and there is no sudo to install them with:"
            lilt_say "    apt-get install ${missing[*]}"
            lilt_say "ask whoever runs this machine for them, then start again."
            return 1
        fi
        sudo=(sudo)
    fi
    lilt_say "installing with apt-get: ${missing[*]}"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null 2>&1 ||
        { "${sudo[@]}" apt-get update -qq &&
            "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null; } || {
        lilt_say "apt-get could not install: ${missing[*]}"
        return 1
    }
}

# lilt_packages engine|canvas|test… makes sure that the named parts can be built.
lilt_packages() {
    if ! command -v cargo >/dev/null; then
        lilt_say "Rust is missing: install it from rustup.rs, open a new terminal, and start again."
        return 1
    fi
    local wanted=() part
    if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
        for part in "$@"; do
            case $part in
                engine) wanted+=(build-essential pkg-config libasound2-dev) ;;
                canvas) wanted+=(libudev-dev libx11-dev libxkbcommon-dev libwayland-dev) ;;
                test)
                    wanted+=(jackd2 libjack-jackd2-dev libasound2-plugins emacs-nox elpa-eglot)
                    # For the page. A Node from elsewhere brings its own npm, which Debian's would quarrel with.
                    command -v node >/dev/null || wanted+=(nodejs npm)
                    command -v chromium >/dev/null || command -v google-chrome >/dev/null || wanted+=(chromium)
                    ;;
            esac
        done
        lilt_packages_debian "${wanted[@]}"
    elif [ "$(uname -s)" = Darwin ]; then
        if ! xcode-select -p >/dev/null 2>&1; then
            lilt_say "the compiler is missing: run 'xcode-select --install', then start again."
            return 1
        fi
    elif ! command -v cc >/dev/null || ! command -v pkg-config >/dev/null; then
        lilt_say "this system has neither apt-get nor Xcode: install a C and C++ compiler, pkg-config and"
        lilt_say "the ALSA headers (canvas: udev, x11, xkbcommon and wayland too) by hand, then start again."
        return 1
    fi
}
