/**
 * Shell text that begins every script about locks and notes on a host: sets B to the folder they lie in, `/run/lock` (world-writable and
 * sticky on Linux), `/var/lock` or `/tmp` where it is missing. What is made there can be read by all and changed by its owner.
 */
export const lockPlace = `umask 022
LC_ALL=C; export LC_ALL
B=/tmp
for q_dir in /run/lock /var/lock; do if [ -d "$q_dir" ] && [ -w "$q_dir" ]; then B=$q_dir; break; fi; done`;
