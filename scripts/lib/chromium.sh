# shellcheck shell=bash
# Debian's Chromium, for the tests of the Web UI, and fonts of the usual widths for it.

ensure_chromium() {
  have chromium && [[ -n "$(fc-list 'Liberation Sans')" ]] || install_packages 'chromium fonts-liberation'
}
