#!/bin/sh
# Turn a bootstrapped Debian into the OS base: finish.sh ROOT LISTS
# ROOT is the root directory to work on ("/" inside a build container), LISTS the folder of purge.txt and trim.txt.
# Only removes and sets fixed files; what is added is decided before, by packages.txt.
set -eu
root=${1%/}
lists=$2

entries() { sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' "$1"; }

# Maintainer scripts would want the very tools that leave: without them a purge only deletes files and records.
rm -f "$root"/var/lib/dpkg/info/*.prerm "$root"/var/lib/dpkg/info/*.postrm
entries "$lists/purge.txt" | xargs dpkg --root="$root/" --force-all --no-triggers --purge >/dev/null 2>&1
# Triggers that no longer run are not pending: a scanner counts packages that are installed, and nothing else.
sed -i -e 's/^\(Status: install ok\) triggers-.*$/\1 installed/' -e '/^Triggers-\(Pending\|Awaited\):/d' "$root/var/lib/dpkg/status"

(
    cd "$root/"
    entries "$lists/trim.txt" | while read -r pattern; do
        # shellcheck disable=SC2086  # a pattern is meant to expand
        rm -rf -- $pattern
    done
)

# OpenSSL, and so Python, looks for its trust store under these names; git reads the file itself. One file serves both.
mkdir -p "$root/usr/lib/ssl"
ln -sfn /etc/ssl/certs "$root/usr/lib/ssl/certs"
ln -sfn /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"

# Nothing in the base may gain rights by being started.
find "$root/usr" -xdev -type f -perm /6000 -exec chmod a-s {} +

sed -i '/^fondation:/d' "$root/etc/passwd" "$root/etc/group"
echo 'fondation:*:10001:10001:Fondation:/var/lib/fondation:/usr/sbin/nologin' >>"$root/etc/passwd"
echo 'fondation:*:10001:' >>"$root/etc/group"
mkdir -p "$root/var/lib/fondation" "$root/srv/repositories" "$root/opt/fondation"
chown 10001:10001 "$root/var/lib/fondation" "$root/srv/repositories"
chmod 0755 "$root/var/lib/fondation" "$root/srv/repositories"
# A courier mounts a secret's volume here, and Docker gives the new volume this folder's owner and mode: whoever mounts it later,
# nobody but this user gets in. It is the only hold on them that the Docker provider leaves: it uploads files as root's.
mkdir -p "$root/srv/secret"
chown 10001:10001 "$root/srv/secret"
chmod 0500 "$root/srv/secret"
