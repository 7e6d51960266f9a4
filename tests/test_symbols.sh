#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A function of ours that has the name of one a library exports is called by
# that library instead of its own (libyaml's yaml_free() was): none may. And a
# test program in which threads may run is among THREAD_TESTS.

prog=${MLTOWER:-./mltower}
archive=$(dirname "$prog")/libmltower.a
for tool in nm ldd comm; do
	command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done
[ -x "$prog" ] && [ -f "$archive" ] || { echo "not built"; exit 77; }

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
# Sanitizers bring a malloc() and more of their own; libc's are not asked.
nm -g --defined-only "$archive" 2>/dev/null |
	awk 'NF == 3 { print $3 }' | sort -u >"$work/ours"
[ -s "$work/ours" ] || { echo "not ok: no symbols in $archive"; exit 1; }

ok=0 bad=0
for lib in $(ldd "$prog" | awk '$3 ~ /^\// { print $3 }'); do
	same=$(nm -D --defined-only "$lib" 2>/dev/null |
		awk 'NF == 3 { sub(/@.*/, "", $3); print $3 }' | sort -u |
		comm -12 - "$work/ours" | tr '\n' ' ')
	if [ -n "$same" ]; then
		echo "not ok: $lib exports $same"
		bad=$((bad + 1))
	else
		ok=$((ok + 1))
	fi
done
[ $ok -gt 0 ] || { echo "not ok: $prog uses no library"; exit 1; }

listed=$(sed -n '/^THREAD_TESTS = /,/END/s/^	\(tests[^ ]*\).*/\1/p' \
	"${srcdir:-.}/Makefile.am")
for t in tests/*/test_*; do
	[ -x "$t" ] && nm -D --undefined-only "$t" 2>/dev/null |
		grep -q pthread_create ||
		continue
	if echo "$listed" | grep -qx "$t"; then
		ok=$((ok + 1))
	else
		echo "not ok: $t may have threads: see THREAD_TESTS"
		bad=$((bad + 1))
	fi
done
echo "$ok passed, $bad failed"
[ $bad -eq 0 ]
