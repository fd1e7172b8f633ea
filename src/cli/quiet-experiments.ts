/**
 * Lets Node print every warning but those that one of its own parts is experimental: which parts this program is made of is no
 * matter of its user's, who cannot choose others. Node prints warnings by a listener of its own, which this one goes before.
 */
export function quietExperiments(): void {
  const printers = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name === 'ExperimentalWarning') return;
    for (const print of printers) print.call(process, warning);
  });
}
