#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Holds tests/layers.txt against every #include of include/ and src/, compiles
# each public header alone, and looks for the licence line. Run from the build
# folder with srcdir, CC and LIB_CFLAGS set.
set -u

: "${srcdir:=.}" "${CC:=cc}" "${LIB_CFLAGS:=}"
table=$(cd "$srcdir/tests" && pwd)/layers.txt
passed=0 failed=0

result()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: $2"
	fi
}

# Prints "FILE:LINE: why" for each include of the tree in the working folder
# that the table does not allow.
check_includes()
{
	find include src -name '*.[ch]' 2>/dev/null | LC_ALL=C sort |
		xargs awk '
	function matches(header, pattern)
	{
		gsub(/\./, "\\.", pattern)
		gsub(/\*/, ".*", pattern)
		return header ~ "^" pattern "$"
	}
	function bad(why)
	{
		print FILENAME ":" FNR ": " why
	}
	function check_ours(header,    folder)
	{
		if (header == "config.h")
			return
		if ((layer, header) in made)
			return
		if (header !~ /\//) {
			if ((getline line < (src_folder "/" header)) < 0)
				bad("no " header " in this folder")
			close(src_folder "/" header)
			return
		}
		folder = header
		sub(/\/.*/, "", folder)
		if (folder == layer || (layer, folder) in may ||
		    (layer, header) in may || (me, folder) in may)
			return
		bad(layer " may not include " header)
	}
	function check_library(header,    i, n, folders, k)
	{
		for (i = 1; i <= n_libraries; i++) {
			if (!matches(header, library[i]))
				continue
			n = split(users[i], folders, " ")
			for (k = 1; k <= n; k++)
				if (folders[k] == layer)
					return
			bad(layer " may not include <" header ">")
			return
		}
	}
	FILENAME == table && /^#|^[ \t]*$/ { next }
	FILENAME == table {
		split($0, half, /[ \t]*:[ \t]*/)
		if (half[1] ~ /^@/) {
			library[++n_libraries] = substr(half[1], 2)
			users[n_libraries] = half[2]
			next
		}
		if (half[1] ~ /^!/) {
			made[half[2], substr(half[1], 2)] = 1
			next
		}
		known[half[1]] = 1
		n = split(half[2], names, " ")
		for (i = 1; i <= n; i++)
			may[half[1], names[i]] = 1
		next
	}
	FNR == 1 {
		me = FILENAME
		sub(/^(include|src)\//, "", me)
		layer = me
		sub(/\/.*/, "", layer)
		src_folder = FILENAME
		sub(/\/[^\/]*$/, "", src_folder)
		if (!(layer in known))
			bad("no such layer: " layer)
	}
	/^[ \t]*#[ \t]*include[ \t]/ {
		header = $0
		sub(/^[^<"]*[<"]/, "", header)
		sub(/[>"].*/, "", header)
		if ($0 ~ /</)
			check_library(header)
		else
			check_ours(header)
	}' table="$table" "$table"
}

# A tree with one fault of each kind: a checker that says nothing proves
# nothing.
test_faults_are_seen()
{
	tree=$(mktemp -d) || exit 1
	mkdir -p "$tree/include/base" "$tree/include/model" "$tree/src/model" \
		"$tree/src/attic" "$tree/src/cli" "$tree/src/system"
	echo '#include "model/batch.h"' >"$tree/include/base/up.h"
	echo '#include <sqlite3.h>' >"$tree/include/model/lib.h"
	echo '#include "absent.h"' >"$tree/src/model/private.c"
	echo '#include "model/run_set.h"' >"$tree/src/system/other.c"
	echo 'int x;' >"$tree/src/attic/x.c"
	printf '%s\n' '#include "config.h"' '#include <stdio.h>' \
		'#include "base/buf.h"' '#include "ui/screen.h"' \
		>"$tree/src/cli/main.c"
	echo '#include "model/batch.h"' >"$tree/src/system/fine.c"
	got=$(cd "$tree" && check_includes)
	rm -rf "$tree"
	want='include/base/up.h:1: base may not include model/batch.h
include/model/lib.h:1: model may not include <sqlite3.h>
src/attic/x.c:1: no such layer: attic
src/model/private.c:1: no absent.h in this folder
src/system/other.c:1: system may not include model/run_set.h'
	[ "$got" = "$want" ]
	result $? "the checker sees each kind of fault; it said:
$got"
}

test_includes()
{
	wrong=$(cd "$srcdir" && check_includes)
	[ -z "$wrong" ]
	result $? "layers:
$wrong"
}

test_headers_alone()
{
	for path in $(cd "$srcdir/include" && find . -name '*.h' | sort); do
		header=${path#./}
		# shellcheck disable=SC2086 # lists of words
		printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
			$CC -std=c11 -D_GNU_SOURCE $LIB_CFLAGS -Wall -Werror \
				-I"$srcdir/include" -I. -fsyntax-only -x c - 2>&1
		result $? "include/$header does not compile alone"
	done
}

test_licence_lines()
{
	wrong=$(cd "$srcdir" && for f in $(find include src tests \
		-name '*.[ch]' -o -name '*.sh' -o -name '*.py'); do
		head -n 2 "$f" |
			grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' ||
			echo "$f"
	done)
	[ -z "$wrong" ]
	result $? "no licence line: $wrong"
}

# A file nobody compiles proves nothing.
test_all_is_built()
{
	wrong=$(cd "$srcdir" && for f in $(find src tests -name '*.c'); do
		grep -qE "(^|[[:space:]])${f%.c}(\.c)?([[:space:]]|\$)" \
			Makefile.am || echo "$f"
	done)
	[ -z "$wrong" ]
	result $? "not in Makefile.am: $wrong"
}

test_faults_are_seen
test_includes
test_all_is_built
test_headers_alone
test_licence_lines
echo "$passed passed, $failed failed"
[ $failed = 0 ]
