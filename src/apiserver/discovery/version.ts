import { newUnknownResource } from '../handler-chain.ts';
import { assertRoutable, json, type PathHandler } from '../http/path-handlers.ts';

/** The Kubernetes release whose API this server speaks. */
const KUBERNETES = { major: '1', minor: '36', patch: '2' };

const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Answers `/version` as that release does. */
export const versionHandler: PathHandler = (request) => {
  if (request.path !== '/version' && request.path !== '/version/') throw newUnknownResource();
  assertRoutable(request, ['application/json']);
  const { major, minor, patch } = KUBERNETES;
  return json({
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: `v${major}.${minor}.${patch}`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'go1.25',
    compiler: 'gc',
    platform: `${process.platform}/${GO_ARCHITECTURES[process.arch] ?? process.arch}`,
  });
};
