/** Exit codes of the command: what scripts rely on. `longshore --help` lists them. */

/** A Job that was run or waited for Failed, or was deleted. */
export const EXIT_FAILED = 1;
/** A mistake in the call, its input or its circumstances, which the user can mend; or the time of `wait` ran out. */
export const EXIT_USAGE = 2;
/** No server runs, as `systemctl status` has it. */
export const EXIT_NOT_RUNNING = 3;
/** A fault of longshore's own: EX_SOFTWARE of sysexits.h. */
export const EXIT_FAULT = 70;
/** Ended by Ctrl-C: 128 and the number of SIGINT, as shells have it. */
export const EXIT_INTERRUPTED = 130;

/** How the help lists them. */
export const EXIT_CODES_TEXT = `
Exit codes:
  0    it worked; of 'run', 'wait' and 'trigger --follow': every Job is Complete
  ${EXIT_FAILED}    of these three: a Job Failed or was deleted
  ${EXIT_USAGE}    a mistake in the call or its input, or 'wait' ran out of time
  ${EXIT_NOT_RUNNING}    'status' found no server
  ${EXIT_FAULT}   a fault in longshore
  ${EXIT_INTERRUPTED}  ended by Ctrl-C`;
