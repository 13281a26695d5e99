/**
 * The shell scripts that change pg_hba.conf on the server's host. Each takes one lock among our own writers, so that
 * what it compares is still so when it acts. They are for any `sh` with the tools of POSIX, and readlink.
 */

import { FAILED, printLines } from "../shell";
import type { Bytes } from "./bytes";
import { PENDING_FILE } from "./read";

/** How a script ends. */
export const EXIT = {
  /** Another writer holds the lock. */
  busy: FAILED + 1,
  /** Another write is pending. */
  pending: FAILED + 2,
  /** The file, or the pending write, is not the one that was expected. */
  changed: FAILED + 3,
  /** Nothing can be written beside the file, or there is no room. */
  folder: FAILED + 4,
  /** A new file would belong to another user, or have other rights. */
  owner: FAILED + 5,
  /** The file cannot be renamed over. */
  rename: FAILED + 6,
  /** The file is a mount point, which cannot be renamed over. */
  mount: FAILED + 7,
  /** The host has nothing to compute SHA-256 with, or to follow a symbolic link with. */
  tools: FAILED + 8,
  /** A signal has ended it: the statement was cancelled, or took longer than it may. */
  interrupted: FAILED + 9,
} as const;

/** What every script is told. */
export interface Target {
  /** The file's path, perhaps that of a symbolic link. */
  readonly path: Bytes;
  /** When the server was started. */
  readonly started: string;
}

/** The pending line of a write: who writes what. The key is that of an advisory lock that the writer holds. */
export interface PendingLine {
  readonly token: string;
  readonly before: string;
  readonly after: string;
  /** The two halves of the key, as pg_locks shows them. */
  readonly key: readonly [string, string];
}

/** Replaces the file if it is still as expected, and leaves the pending line and a copy of what was. */
export function installScript(target: Target, pending: PendingLine, bytes: Bytes): string[] {
  return [
    ...opening(target),
    `[ ! -e ${PENDING_FILE} ] || exit ${EXIT.pending}`,
    `[ "$(digest "$file")" = ${pending.before} ] || exit ${EXIT.changed}`,
    `installed=; tidy() { rm -f "$new"; [ "$installed" ] || rm -f "$old"; }`,
    // Copied for owner, mode and whatever else the file has; a user who cannot keep them must not replace it.
    `cp -p "$file" "$new" && cp -p "$file" "$old" || exit ${EXIT.folder}`,
    '[ -w "$file" ] || chmod u+w "$new"',
    "{",
    ...printLines(Buffer.from(bytes, "latin1")),
    `} > "$new" || exit ${EXIT.folder}`,
    '[ -w "$file" ] || chmod u-w "$new"',
    `[ "$(rights "$new")" = "$(rights "$file")" ] || exit ${EXIT.owner}`,
    `[ "$(digest "$new")" = ${pending.after} ] || exit ${EXIT.folder}`,
    'flush "$new"',
    ...writePending(pending),
    // Before it is: should a signal come in between, the copy is what the next one looks for.
    `installed=yes; replace "$new" || { code=$?; installed=; rm -f ${PENDING_FILE}; exit $code; }`,
  ];
}

/** Puts the file back as it was before a pending write, if that write is still the last one. */
export function restoreScript(target: Target, pending: PendingLine): string[] {
  return [
    ...opening(target),
    ...ifStillPending(pending.token),
    `[ "$(digest "$old")" = ${pending.before} ] || exit ${EXIT.changed}`,
    'replace "$old" || exit $?',
    `rm -f ${PENDING_FILE}`,
  ];
}

/** Takes the pending line and the copy away, if they are still those of a write. */
export function finishScript(target: Target, token: string): string[] {
  return [...opening(target), ...ifStillPending(token), `rm -f "$old" ${PENDING_FILE}`];
}

/**
 * Makes a pending write that nobody brings to its end one's own. Ends with `changed` when there is nothing to bring to
 * an end: the file was never replaced, or has been changed since. The pending line is gone then.
 */
export function takeOverScript(target: Target, token: string, pending: PendingLine): string[] {
  return [
    ...opening(target),
    ...ifStillPending(token),
    `[ "$(digest "$file")" = ${pending.after} ] || { rm -f "$old" "$new" ${PENDING_FILE}; exit ${EXIT.changed}; }`,
    ...writePending(pending),
  ];
}

function ifStillPending(token: string): string[] {
  return [
    // Without an end of line, read is not successful, and reads it all the same.
    `pending=; read -r pending rest < ${PENDING_FILE} || :`,
    `[ "$pending" = ${token} ] || exit ${EXIT.changed}`,
  ];
}

function writePending({ token, after, before, key }: PendingLine): string[] {
  const line = [token, after, before, ...key].join(" ");
  return [
    `printf %s "${line}" > ${PENDING_FILE}.new && mv -f ${PENDING_FILE}.new ${PENDING_FILE} || exit ${EXIT.folder}`,
    `flush ${PENDING_FILE}`,
  ];
}

/** Functions, the file behind all links, and the lock. */
function opening({ path, started }: Target): string[] {
  return [
    "LC_ALL=C; export LC_ALL; umask 077",
    "file=$(",
    ...printLines(Buffer.from(path, "latin1")),
    `printf x); file=\${file%x}; links=0`,
    'while [ -L "$file" ]; do',
    `links=$((links + 1)); [ $links -le 40 ] || exit ${EXIT.changed}`,
    `link=$(readlink "$file" && printf x) || exit ${EXIT.tools}; link=\${link%?x}`,
    `case $link in /*) file=$link ;; *) file=\${file%/*}/$link ;; esac`,
    "done",
    `folder=\${file%/*}/.; new=$file.pgmob-new; old=$file.pgmob-old; lock=$file.pgmob-lock`,
    "digest() {",
    'sum=$({ sha256sum || shasum -a 256 || openssl dgst -sha256 -r; } < "$1" 2> /dev/null)',
    `[ -n "$sum" ] || exit ${EXIT.tools}; printf %s "\${sum%% *}"`,
    "}",
    'rights() { set -- $(ls -lnd "$1"); printf %s "$1 $3 $4"; }',
    'flush() { sync "$1" 2> /dev/null || sync; }', // an older sync knows no files, and writes everything
    "replace() {",
    'mv -f "$1" "$file" < /dev/null && { flush "$folder"; return 0; }',
    `grep -qF " $file " /proc/self/mountinfo 2> /dev/null && return ${EXIT.mount}; return ${EXIT.rename}`,
    "}",
    ...locking(started),
    `digest "$file" > /dev/null || exit ${EXIT.tools}`,
  ];
}

/** How often to try for the lock, some fifty milliseconds apart: it is never held for long. */
const TRIES = 100;

/**
 * The lock ends with the shell, however that ends. Where there is no flock, it is a symbolic link, which is made whole
 * or not at all, to the name of its owner. A link whose owner is dead is replaced by just one of those who notice.
 */
function locking(started: string): string[] {
  return [
    `me=${started}:$$; tries=0; mine=; unlock() { :; }; tidy() { :; }`,
    // What is half-written is taken away by whoever holds the lock alone, and signals come too late to stop that.
    `trap 'trap "" HUP INT TERM; [ -z "$mine" ] || { tidy; rm -f ${PENDING_FILE}.new; }; unlock' EXIT`,
    `trap 'exit ${EXIT.interrupted}' HUP INT TERM`,
    "locked() {",
    `command -v flock > /dev/null 2>&1 && [ -r "$folder" ] || return 2`,
    `exec 9< "$folder"; flock -n 9`,
    "}",
    "linked() {",
    `ln -s "$me" "$lock" 2> /dev/null && return 0`,
    `[ -w "$folder" ] || exit ${EXIT.folder}; owner=$(readlink "$lock") || return 1`,
    `case $owner in "\${me%:*}":*) kill -0 "\${owner#*:}" 2> /dev/null && return 1 ;; esac`,
    `ln -s "$me" "$lock.$owner" 2> /dev/null || return 1`,
    `[ "$(readlink "$lock")" = "$owner" ] && mv -f "$lock.$owner" "$lock" && return 0; rm -f "$lock.$owner"; return 1`,
    "}",
    "while :; do locked; code=$?",
    `[ $code -le 1 ] || { unlock() { [ "$(readlink "$lock")" != "$me" ] || rm -f "$lock"; }; linked; code=$?; }`,
    `[ $code != 0 ] || { mine=yes; break; }; tries=$((tries + 1)); [ $tries -lt ${TRIES} ] || exit ${EXIT.busy}`,
    "sleep 0.05 2> /dev/null || sleep 1; done",
  ];
}
