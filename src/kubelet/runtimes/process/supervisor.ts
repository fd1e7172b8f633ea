/** Starts a command under a supervisor that outlives this process and writes down how the command ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { LinuxSecurity, Mount } from '../container.ts';
import { RuntimeError } from '../runtime-error.ts';
import { pathInVolume } from './layout.ts';
import { type ContainerView, inNamespaces } from './namespaces.ts';
import { SCRIPT_OPTIONS, scriptEnvironment, scriptLine } from './script-program.ts';

/** Becomes the command, so that its pid is known: $0 is the container's directory, $@ the command. */
const INNER = 'echo $$ >"$0/pid.new" && mv "$0/pid.new" "$0/pid" && exec "$@"';
/** The same for a command in namespaces, which tells its pid by itself once it sees no more than it is to see. */
const INNER_OF_NAMESPACE = 'exec "$@"';

/** Goes before either, and tells which terminal it has. */
const TELL_TERMINAL = 'tty >"$0/terminal"; ';

/** The exit code is written whole or not at all. */
const WRITE_EXIT = 'echo $? >"$0/exit.new" && mv "$0/exit.new" "$0/exit"';

/**
 * $0 is the container's directory, $1 the file that the command reads, and the rest the command. It runs in the foreground,
 * for a command in the background would ignore SIGINT.
 */
const supervisor = (inner: string): string => `
input="$1"; shift
sh -c '${inner}' "$0" "$@" <"$input" >>"$0/stdout" 2>>"$0/stderr"
${WRITE_EXIT}
`;

/** Holds a named pipe ($1) open, so that it has no end before this process is told to go, whoever else has it open. */
const HOLDER = `
sh -c 'echo $$ >"$0/holder" && exec sleep 2147483647' "$0" <>"$1" >/dev/null 2>&1 &
`;

/** $2 is the line that runs the command under a terminal; what the program for terminals says itself is said nowhere. */
const TERMINAL = `${HOLDER}
script ${SCRIPT_OPTIONS.join(' ')} "$2" /dev/null <"$1" >>"$0/stdout" 2>/dev/null
${WRITE_EXIT}
`;

/** Whether a shell that runs that script is a supervisor. */
export function isSupervisor(script: string): boolean {
  return script.includes(WRITE_EXIT);
}

/** A command to run. */
export interface SupervisedCommand {
  /** The directory of the container's records. */
  readonly directory: string;
  readonly command: readonly string[];
  /** Where the command begins, as a path of this machine. */
  readonly workingDirectory: string;
  /** The same as the container sees it. */
  readonly seenDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A named pipe to read standard input from; absent: there is none. */
  readonly input?: string;
  /** A terminal stands between it and its streams; it needs an input then. */
  readonly tty: boolean;
  /** How the container sees the machine, and who it is; absent: as this process does. */
  readonly view?: ContainerView;
  readonly security: LinuxSecurity;
  readonly mounts: readonly Mount[];
  /** Each is told its pid before the command is run, and with it all that it starts; where that cannot be, it runs all the same. */
  readonly cgroupFiles: readonly string[];
}

/**
 * Starts it in a session of its own. Throws a RuntimeError, in the words of container runtimes, for a command that is not
 * there.
 */
export function startSupervised(order: SupervisedCommand): ChildProcess {
  const { directory, command, workingDirectory, environment, input, tty, view } = order;
  const [program = '', ...args] = command;
  const path = findProgram(program, environment['PATH'] ?? '', workingDirectory, (place) =>
    view === undefined ? undefined : pathInVolume(place, order.mounts),
  );
  const plain = [path, ...args];
  const begin = order.seenDirectory;
  const asked = view === undefined ? plain : inNamespaces(plain, { ...order, view, workingDirectory: begin });
  const join = joining(order.cgroupFiles);
  const inner = `${join}${tty ? TELL_TERMINAL : ''}${view === undefined ? INNER : INNER_OF_NAMESPACE}`;
  const shell = tty
    ? [TERMINAL, directory, input ?? '', scriptLine(inner, directory, asked, environment)]
    : [`${input === undefined ? '' : HOLDER}${supervisor(inner)}`, directory, input ?? '/dev/null', ...asked];
  const child = spawn('/bin/sh', ['-c', ...shell], {
    cwd: workingDirectory,
    env: tty ? scriptEnvironment(environment) : { ...environment },
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return child;
}

/** The command line that runs a command in those control groups. */
export function joined(command: readonly string[], cgroupFiles: readonly string[]): readonly string[] {
  if (cgroupFiles.length === 0) return command;
  return ['/bin/sh', '-c', `${joining(cgroupFiles)}exec "$@"`, 'sh', ...command];
}

/** A shell that joins control groups; a machine that does not let it has nothing counted, nor limited. */
function joining(files: readonly string[]): string {
  return files.map((file) => `{ echo $$ >"${file}"; } 2>/dev/null; `).join('');
}

/**
 * What to start for a program's name, looked up as a shell would. Throws a RuntimeError, in the words of container runtimes,
 * for one that is not there.
 *
 * @param elsewhere where on this machine a path is, if not there.
 */
export function findProgram(
  program: string,
  path: string,
  workingDirectory: string,
  elsewhere: (path: string) => string | undefined = () => undefined,
): string {
  if (program.includes('/')) {
    const full = program.startsWith('/') ? program : join(workingDirectory, program);
    const place = elsewhere(full) ?? full;
    if (isExecutable(place)) return full;
    const why = exists(place) ? 'permission denied' : 'no such file or directory';
    throw new RuntimeError('Failed', `exec: "${program}": stat ${program}: ${why}`);
  }
  const found = path
    .split(delimiter)
    .map((directory) => join(directory, program))
    .find((place) => isExecutable(elsewhere(place) ?? place));
  if (found === undefined)
    throw new RuntimeError('Failed', `exec: "${program}": executable file not found in $PATH`);
  // The shell looks it up the same way, and the program sees the name it was called by.
  return program;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
