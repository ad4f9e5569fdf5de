#!/bin/sh
# What deploy/portal.service allows, as far as it can be done without systemd: every file
# system read-only but DATA_DIR and TMPDIR (in which nothing can be run), no right of
# root, none to be had. Usage, as root in a mount namespace of its own: sandbox.sh CMD...
set -eu
mount --make-rprivate /
for folder in "$DATA_DIR" "$TMPDIR"; do mount --bind "$folder" "$folder"; done
# The last first: what is mounted below comes after what it lies in.
awk '{print $5}' /proc/self/mountinfo | sort -r | uniq | while read -r place; do
    case "$place" in
        "$DATA_DIR" | "$TMPDIR") mount -o remount,bind,noexec "$place" ;;
        *) mount -o remount,bind,ro "$place" 2>/dev/null || true ;;
    esac
done
for folder in "$PWD" /etc /var; do
    if touch "$folder/.probe" 2>/dev/null; then
        echo "NOT READ-ONLY: $folder"
        exit 77
    fi
done
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
