#!/bin/sh
# 灵渠离线安装，不需要网络，也不需要 root：  ./install.sh 目录
# Offline installation of Lingqu; needs no network and no root:  ./install.sh FOLDER
# Run it again with a newer bundle to upgrade; data (var/), keys (var.keys) and settings (.env) of the folder stay.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
version=@VERSION@
arch=@ARCH@
[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
mkdir -p "$1"
target=$(cd "$1" && pwd)

[ "$(uname -m)" = "$arch" ] || { echo "这个安装包用于 $arch，本机是 $(uname -m)。This bundle is for $arch." >&2; exit 1; }
python=${PYTHON:-$(command -v python3.11 || true)}
[ -n "$python" ] && "$python" -c 'import sys, venv, ssl, sqlite3; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "需要 Python 3.11（Debian 12 自带：apt install python3.11）。Python 3.11 is needed; Debian 12 has it." >&2; exit 1; }

echo "· 校验 / checking"
(cd "$here" && sha256sum --quiet -c SHA256SUMS)

release=$target/releases/$version
rm -rf "$release.part" "$release"
mkdir -p "$release"
echo "· 安装程序 / installing into $release"
cp -R "$here/app" "$release/app"
"$python" -m venv --without-pip "$release/.venv"
pip=$(echo "$here"/wheels/pip-*.whl)
"$release/.venv/bin/python" "$pip/pip" install --quiet --no-index --no-warn-script-location --disable-pip-version-check \
  --no-cache-dir --no-deps --find-links "$here/wheels" -r "$here/requirements.txt"
site=$("$release/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
echo "$release/app" > "$site/lingqu.pth"
"$release/.venv/bin/python" -m compileall -q "$release/app/lingqu" >/dev/null

write() { # write SAMPLE FILE: the sample with this folder's paths, only when the file is not there yet
  [ -e "$target/$2" ] || sed -e "s|@FOLDER@|$target|g" -e "s|@USER@|$(id -un)|g" "$here/samples/$1" > "$target/$2"
}
write settings.env .env
mkdir -p "$target/tls"
write tls/Caddyfile tls/Caddyfile
write lingqu.service lingqu.service
write lingqu-tls.service lingqu-tls.service
sed -e "s|@FOLDER@|$target|g" "$here/samples/lingqu" > "$target/lingqu.new"
chmod 755 "$target/lingqu.new"
ln -sfn "releases/$version" "$target/current.new"
mv -T "$target/current.new" "$target/current"
mv "$target/lingqu.new" "$target/lingqu"
"$target/lingqu" --version
cat <<END
· 完成 / done
  启动 start:      $target/lingqu run --no-demo
  升级 upgrade:    $target/lingqu upgrade
  开机启动 systemd: sudo cp $target/lingqu.service /etc/systemd/system/ && sudo systemctl enable --now lingqu
  加密连接 TLS:     $target/tls/Caddyfile, $target/lingqu-tls.service
END
