/** Requests that nobody means well with, each with the code that Kubernetes gives for its kind. */

/** One request, its body as the text on the wire. */
export interface HostileRequest {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
  readonly code: number;
}

const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const CRON_JOBS = '/apis/batch/v1/namespaces/default/cronjobs';
const PODS = '/api/v1/namespaces/default/pods';
const JSON_TYPE = 'application/json';
const YAML_TYPE = 'application/yaml';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** The Job and the CronJob that patches aim at; both must be there. */
export const TARGET = 'target';

const MEGABYTE = 1_000_000;

type Part = Readonly<Record<string, unknown>>;

const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const container = (more: Part = {}): Part => ({ name: 'main', image: 'busybox', command: ['true'], ...more });

const podSpec = (more: Part = {}): Part => ({
  restartPolicy: 'Never',
  containers: [container()],
  ...more,
});

/** A Job that is good but for what the arguments add. */
export function jobBody(
  spec: Part = {},
  { metadata = {}, pod = {}, podMetadata = {} }: Readonly<Record<string, Part>> = {},
): Part {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { generateName: 'hostile-', ...metadata },
    spec: { suspend: true, template: { metadata: podMetadata, spec: podSpec(pod) }, ...spec },
  };
}

/** A CronJob that is good but for what the arguments add. */
export function cronJobBody(spec: Part = {}, metadata: Part = {}): Part {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { generateName: 'hostile-', ...metadata },
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: { spec: podSpec() } } }, ...spec },
  };
}

/** A Pod that is good but for what the arguments add. */
export function podBody(spec: Part = {}, metadata: Part = {}): Part {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'hostile-', ...metadata },
    spec: podSpec(spec),
  };
}

const post = (
  code: number,
  name: string,
  path: string,
  body: Part | string,
  contentType = JSON_TYPE,
): HostileRequest => ({
  name,
  method: 'POST',
  path,
  contentType,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  code,
});
const job = (code: number, name: string, ...of: Parameters<typeof jobBody>): HostileRequest =>
  post(code, `Job: ${name}`, JOBS, jobBody(...of));
const cronJob = (code: number, name: string, ...of: Parameters<typeof cronJobBody>): HostileRequest =>
  post(code, `CronJob: ${name}`, CRON_JOBS, cronJobBody(...of));
const pod = (code: number, name: string, ...of: Parameters<typeof podBody>): HostileRequest =>
  post(code, `Pod: ${name}`, PODS, podBody(...of));
const patch = (
  code: number,
  name: string,
  contentType: string,
  body: unknown,
  path = `${JOBS}/${TARGET}`,
): HostileRequest => ({
  name: `patch: ${name}`,
  method: 'PATCH',
  path,
  contentType,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  code,
});
const read = (code: number, name: string, path: string): HostileRequest => ({
  name: `read: ${name}`,
  method: 'GET',
  path,
  contentType: JSON_TYPE,
  body: '',
  code,
});

const map = (count: number, key: (index: number) => string, value: string): Part =>
  Object.fromEntries(many(count, (index) => [key(index), value]));
/** The text of a good Job with one more member of its metadata, spelt as given. */
const spelt = (member: string): string =>
  JSON.stringify(jobBody()).replace('"metadata":{', `"metadata":{${member},`);
const speltSpec = (member: string): string =>
  JSON.stringify(jobBody()).replace('"spec":{', `"spec":{${member},`);

const failureRule = (index: number, more: Part = {}): Part => ({
  action: 'FailJob',
  onExitCodes: { operator: 'In', values: [index + 1] },
  ...more,
});
const INDEXED = { completionMode: 'Indexed', completions: 10, parallelism: 10 };

const sizes: readonly HostileRequest[] = [
  job(422, 'a label value of 1 MB', {}, { metadata: { labels: { a: 'x'.repeat(MEGABYTE) } } }),
  job(422, 'a label key of 1 MB', {}, { metadata: { labels: { ['x'.repeat(MEGABYTE)]: 'a' } } }),
  job(
    201,
    'labels of 1 MB in sum',
    {},
    { metadata: { labels: map(14_000, (n) => `key-${n}`, 'v'.repeat(50)) } },
  ),
  job(422, '30,000 bad labels', {}, { metadata: { labels: map(30_000, (n) => `-${n}-`, '-x-') } }),
  job(
    422,
    '14,000 bad labels of the pod template',
    {},
    { podMetadata: { labels: map(14_000, (n) => `_k${n}`, '-'.repeat(50)) } },
  ),
  job(422, 'an annotation of 1 MB', {}, { metadata: { annotations: { a: 'x'.repeat(MEGABYTE) } } }),
  job(
    422,
    '14,000 annotations of 1 MB in sum',
    {},
    { metadata: { annotations: map(14_000, (n) => `key-${n}`, 'v'.repeat(50)) } },
  ),
  job(422, 'a name of 1 MB', {}, { metadata: { name: 'x'.repeat(MEGABYTE) } }),
  job(413, 'a body over the limit', {}, { metadata: { annotations: { a: 'x'.repeat(4 * MEGABYTE) } } }),
  job(422, '20,000 bad finalizers', {}, { metadata: { finalizers: many(20_000, (n) => `-fin-${n}`) } }),
  job(
    422,
    '5,000 owner references',
    {},
    {
      metadata: {
        ownerReferences: many(5_000, (n) => ({
          apiVersion: 'v1',
          kind: 'Pod',
          name: `p-${n}`,
          uid: `${n}`,
          controller: true,
        })),
      },
    },
  ),
  job(422, 'a podFailurePolicy of 10,000 rules', {
    podFailurePolicy: { rules: many(10_000, (n) => failureRule(n)) },
  }),
  job(422, 'a rule of 100,000 exit codes', {
    podFailurePolicy: {
      rules: [failureRule(0, { onExitCodes: { operator: 'In', values: many(100_000, (n) => n) } })],
    },
  }),
  job(422, 'a rule with 10,000 conditions', {
    podFailurePolicy: {
      rules: [
        { action: 'Ignore', onPodConditions: many(10_000, (n) => ({ type: `-T ${n}`, status: 'Perhaps' })) },
      ],
    },
  }),
  job(422, 'a successPolicy of 10,000 rules', {
    ...INDEXED,
    successPolicy: { rules: many(10_000, (n) => ({ succeededIndexes: `${n % 10}` })) },
  }),
  job(422, 'a successPolicy of 10,000 empty rules', {
    ...INDEXED,
    successPolicy: { rules: many(10_000, () => ({})) },
  }),
  job(422, '10,000 containers of one name', {}, { pod: { containers: many(10_000, () => container()) } }),
  job(
    201,
    '10,000 containers',
    {},
    { pod: { containers: many(10_000, (n) => container({ name: `c-${n}` })) } },
  ),
  job(
    422,
    '10,000 bad containers',
    {},
    { pod: { containers: many(10_000, (n) => ({ name: `-${n}`, image: '', imagePullPolicy: 'Perhaps' })) } },
  ),
  job(422, '10,000 init containers without names', {}, { pod: { initContainers: many(10_000, () => ({})) } }),
  job(
    201,
    '10,000 environment variables',
    {},
    { pod: { containers: [container({ env: many(10_000, (n) => ({ name: `E_${n}`, value: '$(E_1)' })) })] } },
  ),
  job(
    422,
    '10,000 bad environment variables',
    {},
    {
      pod: {
        containers: [container({ env: many(10_000, (n) => ({ name: `=${n}`, value: 'a', valueFrom: {} })) })],
      },
    },
  ),
  job(
    422,
    '10,000 bad ports',
    {},
    {
      pod: {
        containers: [
          container({
            ports: many(10_000, (n) => ({ name: `-p-${n}`, containerPort: 70_000 + n, protocol: 'X' })),
          }),
        ],
      },
    },
  ),
  job(
    201,
    '10,000 volumes with mounts',
    {},
    {
      pod: {
        volumes: many(10_000, (n) => ({ name: `v-${n}`, emptyDir: {} })),
        containers: [
          container({ volumeMounts: many(10_000, (n) => ({ name: `v-${n}`, mountPath: `/m/${n}` })) }),
        ],
      },
    },
  ),
  job(
    422,
    '10,000 volumes of one name with mounts at one path',
    {},
    {
      pod: {
        volumes: many(10_000, () => ({ name: 'v' })),
        containers: [container({ volumeMounts: many(10_000, () => ({ name: 'w', mountPath: '/m' })) })],
      },
    },
  ),
  job(
    422,
    '10,000 bad tolerations',
    {},
    {
      pod: {
        tolerations: many(10_000, (n) => ({
          key: `-${n}`,
          operator: 'Perhaps',
          effect: 'Never',
          tolerationSeconds: n,
        })),
      },
    },
  ),
  job(
    422,
    '5,000 bad affinity terms',
    {},
    {
      pod: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: many(5_000, (n) => ({
                matchExpressions: [{ key: `-${n}`, operator: 'Like', values: [] }],
              })),
            },
          },
        },
      },
    },
  ),
  job(
    422,
    '10,000 spread constraints alike',
    {},
    {
      pod: {
        topologySpreadConstraints: many(10_000, () => ({
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
        })),
      },
    },
  ),
  job(
    422,
    '10,000 host aliases',
    {},
    { pod: { hostAliases: many(10_000, (n) => ({ ip: `1.2.3.${n}`, hostnames: ['-'] })) } },
  ),
  job(
    422,
    '10,000 scheduling gates alike',
    {},
    { pod: { schedulingGates: many(10_000, () => ({ name: 'gate' })) } },
  ),
  job(
    422,
    '20,000 resource names',
    {},
    { pod: { containers: [container({ resources: { limits: map(20_000, (n) => `x${n}`, '1') } })] } },
  ),
  job(422, 'a selector of 10,000 expressions', {
    manualSelector: true,
    selector: { matchExpressions: many(10_000, (n) => ({ key: `-${n}`, operator: 'Like', values: ['-'] })) },
  }),
  job(
    201,
    'a command of 100,000 words',
    {},
    { pod: { containers: [container({ command: many(100_000, () => 'x') })] } },
  ),
  job(
    201,
    '30,000 times the same port',
    {},
    { pod: { containers: [container({ ports: many(30_000, () => ({ containerPort: 80 })) })] } },
  ),
  job(
    201,
    '15,000 addresses of one host port',
    {},
    {
      pod: {
        containers: [
          container({
            ports: many(15_000, (n) => ({
              containerPort: 80,
              hostPort: 80,
              hostIP: `10.0.${n >> 8}.${n & 255}`,
            })),
          }),
        ],
      },
    },
  ),
  job(
    201,
    '30,000 secrets to pull images with',
    {},
    { pod: { imagePullSecrets: many(30_000, (n) => ({ name: `s-${n}` })) } },
  ),
  job(
    201,
    'a volume of 25,000 files',
    {},
    {
      pod: {
        volumes: [
          { name: 'v', configMap: { name: 'm', items: many(25_000, (n) => ({ key: 'k', path: `p/${n}` })) } },
        ],
      },
    },
  ),
  job(
    201,
    'a volume of 25,000 times the same file',
    {},
    {
      pod: {
        volumes: [
          { name: 'v', configMap: { name: 'm', items: many(25_000, () => ({ key: 'k', path: 'p' })) } },
        ],
      },
    },
  ),
  job(
    422,
    '8,000 mounts and 8,000 devices',
    {},
    {
      pod: {
        containers: [
          container({
            volumeMounts: many(8_000, (n) => ({ name: `v-${n}`, mountPath: `/m/${n}` })),
            volumeDevices: many(8_000, (n) => ({ name: `d-${n}`, devicePath: `/d/${n}` })),
          }),
        ],
      },
    },
  ),
  pod(422, '9,000 claims of devices, none of them the one that is used', {
    resourceClaims: many(9_000, (n) => ({ name: `c-${n}`, resourceClaimName: 'c' })),
    containers: [
      container({ resources: { claims: many(9_000, (n) => ({ name: `d-${n}`, request: `r-${n}` })) } }),
    ],
  }),
  pod(422, '10,000 containers of one name', { containers: many(10_000, () => container()) }),
  pod(422, '10,000 bad volumes', {
    volumes: many(10_000, (n) => ({ name: `-${n}`, emptyDir: {}, hostPath: { path: '../..' } })),
  }),
  cronJob(422, 'a schedule of 100 kB of stars', { schedule: '* '.repeat(50_000) }),
  cronJob(422, 'a schedule of 100 kB of digits', { schedule: `${'9'.repeat(100_000)} * * * *` }),
  cronJob(201, 'a schedule with a list of 100 kB', { schedule: `${'1,'.repeat(50_000)}1 * * * *` }),
  cronJob(422, 'a schedule with a range of 100 kB', { schedule: `${'1-'.repeat(50_000)}1 * * * *` }),
  cronJob(422, 'a schedule of 100 kB of blanks', { schedule: ' '.repeat(100_000) }),
  cronJob(422, 'a time zone of 100 kB', { timeZone: 'A/'.repeat(50_000) }),
  cronJob(422, 'a time zone of dots', { timeZone: '../'.repeat(30_000) }),
];

const indexes: readonly HostileRequest[] = [
  job(422, 'completions 2^31-1, Indexed, parallelism 100,001', {
    completionMode: 'Indexed',
    completions: 2 ** 31 - 1,
    parallelism: 100_001,
  }),
  job(201, 'completions 2^31-1, Indexed, parallelism 100,000', {
    completionMode: 'Indexed',
    completions: 2 ** 31 - 1,
    parallelism: 100_000,
  }),
  job(201, 'completions and parallelism 2^31-1, NonIndexed', {
    completions: 2 ** 31 - 1,
    parallelism: 2 ** 31 - 1,
  }),
  job(422, 'backoffLimitPerIndex without an Indexed Job', {
    backoffLimitPerIndex: 2 ** 31 - 1,
    maxFailedIndexes: 2 ** 31 - 1,
  }),
  job(422, 'maxFailedIndexes over 100,000', {
    completionMode: 'Indexed',
    completions: 2 ** 31 - 1,
    backoffLimitPerIndex: 1,
    maxFailedIndexes: 100_001,
  }),
  job(422, 'succeededIndexes over 64 KiB', {
    ...INDEXED,
    successPolicy: { rules: [{ succeededIndexes: '1,'.repeat(40_000) }] },
  }),
  job(422, 'succeededIndexes of 64 KiB out of range', {
    completionMode: 'Indexed',
    completions: 100_000,
    parallelism: 1,
    successPolicy: {
      rules: [
        {
          succeededIndexes: many(11_000, (n) => `${n * 2}`)
            .join(',')
            .slice(0, 65_535)
            .concat('-'),
        },
      ],
    },
  }),
  job(422, 'succeededIndexes of 64 KiB of dashes', {
    ...INDEXED,
    successPolicy: { rules: [{ succeededIndexes: '-'.repeat(65_536) }] },
  }),
  job(422, 'succeededIndexes of 64 KiB of digits', {
    ...INDEXED,
    successPolicy: { rules: [{ succeededIndexes: '9'.repeat(65_536) }] },
  }),
  job(422, 'succeededIndexes of garbage', {
    ...INDEXED,
    successPolicy: { rules: [{ succeededIndexes: 'a\u0000-\u202e,,NaN' }] },
  }),
  job(422, 'succeededIndexes of an infinite range', {
    ...INDEXED,
    successPolicy: { rules: [{ succeededIndexes: '0-99999999999999999999' }] },
  }),
  job(422, '20 rules of 64 KiB', {
    completionMode: 'Indexed',
    completions: 1_000_000,
    parallelism: 1,
    successPolicy: { rules: many(20, () => ({ succeededIndexes: '0-1,'.repeat(16_384) })) },
  }),
];

const numbers: readonly HostileRequest[] = [
  ...[
    '2147483648',
    '-2147483649',
    '9223372036854775807',
    '9223372036854775808',
    '1e400',
    '1.5',
    '"NaN"',
    '"Infinity"',
    '"1"',
    'true',
    '[]',
    '{}',
  ].map((value) => post(400, `Job: parallelism ${value}`, JOBS, speltSpec(`"parallelism":${value}`))),
  ...['NaN', 'Infinity', '-Infinity', '01', '0x10', '+1', '1.', '.5', 'undefined', "'1'"].map((value) =>
    post(400, `Job: parallelism ${value}, which is no JSON`, JOBS, speltSpec(`"parallelism":${value}`)),
  ),
  post(422, 'Job: parallelism -2147483648', JOBS, speltSpec('"parallelism":-2147483648')),
  post(201, 'Job: parallelism 2147483647', JOBS, speltSpec('"parallelism":2147483647')),
  post(
    400,
    'Job: activeDeadlineSeconds 9223372036854775808',
    JOBS,
    speltSpec('"activeDeadlineSeconds":9223372036854775808'),
  ),
  post(
    201,
    'Job: activeDeadlineSeconds 9223372036854775807',
    JOBS,
    speltSpec('"activeDeadlineSeconds":9223372036854775807'),
  ),
  post(
    201,
    'Job: 900 kB of numbers beyond 2^53 in an unknown member',
    JOBS,
    spelt(`"bogus":[${many(45_000, () => '9007199254740993').join(',')}]`),
  ),
  post(201, 'Job: activeDeadlineSeconds 2^53+1', JOBS, speltSpec('"activeDeadlineSeconds":9007199254740993')),
  job(201, 'ttlSecondsAfterFinished 2^31-1', { ttlSecondsAfterFinished: 2 ** 31 - 1 }),
  pod(400, 'a quantity of 100 kB of letters', {
    containers: [container({ resources: { limits: { cpu: 'x'.repeat(100_000) } } })],
  }),
  pod(201, 'a quantity of 100 kB of digits', {
    containers: [container({ resources: { limits: { cpu: '9'.repeat(100_000) } } })],
  }),
  pod(201, 'a quantity of 100 kB of zeros', {
    containers: [container({ resources: { limits: { cpu: `9${'0'.repeat(100_000)}` } } })],
  }),
  pod(201, 'a quantity with the exponent 1e999999999', {
    containers: [container({ resources: { limits: { cpu: '1e999999999' } } })],
  }),
  pod(400, 'a quantity NaN', { containers: [container({ resources: { limits: { cpu: 'NaN' } } })] }),
];

const deep = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);
const aliases = (levels: number, width: number): string =>
  [
    'a0: &a0 [x]',
    ...many(levels, (n) => `a${n + 1}: &a${n + 1} [${many(width, () => `*a${n}`).join(', ')}]`),
    '',
  ].join('\n');

const shapes: readonly HostileRequest[] = [
  post(400, 'JSON: 100,000 nested lists', JOBS, deep(100_000, '[', ']')),
  post(400, 'JSON: 400,000 nested lists without an end', JOBS, '['.repeat(400_000)),
  post(400, 'JSON: 100,000 nested objects without an end', JOBS, '{"a":'.repeat(100_000)),
  post(
    400,
    'JSON: 100,000 nested objects in an unknown member',
    JOBS,
    spelt(`"labels":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  ),
  post(
    201,
    'JSON: 5,000 nested objects in an unknown member',
    JOBS,
    spelt(`"bogus":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`),
  ),
  post(201, 'JSON: 900 kB of unknown members', JOBS, spelt(many(60_000, (n) => `"x${n}":{}`).join(','))),
  post(201, 'JSON: 60,000 times the same member', JOBS, spelt(many(60_000, () => '"labels":{}').join(','))),
  post(
    201,
    'JSON: 40,000 members twice each',
    JOBS,
    spelt(`"annotations":{${many(20_000, (n) => `"a${n}":"","a${n}":""`).join(',')}}`),
  ),
  post(
    201,
    'JSON: 20,000 members twice each in unknown members',
    JOBS,
    spelt(many(20_000, (n) => `"x${n}":"","x${n}":""`).join(',')),
  ),
  post(400, 'JSON: 1 MB of white space', JOBS, ' '.repeat(MEGABYTE)),
  post(400, 'JSON: 1 MB of white space, then rubbish', JOBS, `${' '.repeat(MEGABYTE)}!`),
  post(400, 'JSON: a string of 1 MB without an end', JOBS, `"${'\\\\'.repeat(MEGABYTE / 2)}`),
  post(400, 'JSON: a string of 1 MB of back slashes', JOBS, `"${'\\\\'.repeat(MEGABYTE / 2)}"`),
  post(
    422,
    'JSON: a name of 1 MB of back slashes and quotes',
    JOBS,
    spelt(`"name":"${'\\\\\\"'.repeat(MEGABYTE / 4)}"`),
  ),
  post(422, 'JSON: null', JOBS, 'null'),
  post(400, 'JSON: nothing', JOBS, ''),
  post(400, 'JSON: a byte order mark', JOBS, `\ufeff${JSON.stringify(jobBody())}`),
  post(400, 'YAML: a billion laughs', JOBS, `${aliases(10, 10)}\n`, YAML_TYPE),
  post(400, 'YAML: 5,000 nested lists', JOBS, deep(5_000, '[', ']'), YAML_TYPE),
  post(400, 'YAML: 100,000 nested lists', JOBS, deep(100_000, '[', ']'), YAML_TYPE),
  post(
    400,
    'YAML: 2,000 nested blocks',
    JOBS,
    many(2_000, (n) => `${' '.repeat(n)}a:`).join('\n'),
    YAML_TYPE,
  ),
  post(400, 'YAML: 1 MB of dashes', JOBS, '- '.repeat(MEGABYTE / 2), YAML_TYPE),
  post(400, 'YAML: an alias of itself', JOBS, 'a: &a [*a]\n', YAML_TYPE),
  post(422, 'YAML: several documents', JOBS, '---\na: 1\n---\nb: 2\n', YAML_TYPE),
  post(400, 'YAML: a tag of code', JOBS, '!!js/function "function(){}"\n', YAML_TYPE),
  post(400, 'YAML: 1 MB of one plain text', JOBS, 'a '.repeat(MEGABYTE / 2), YAML_TYPE),
  post(422, 'YAML: 50,000 lines', JOBS, many(50_000, (n) => `k${n}: [v]`).join('\n'), YAML_TYPE),
];

const UGLY: Readonly<Record<string, string>> = {
  NUL: 'a\u0000b',
  'right to left': '\u202eabc\u202c',
  'combining marks': `a${'\u0301'.repeat(1_000)}`,
  'four bytes': '\u{1f600}'.repeat(100),
  'a zero width joiner': 'a\u200db',
  'a line separator': 'a\u2028b',
  'a lone surrogate': 'a\ud800b',
};
const unicode: readonly HostileRequest[] = Object.entries(UGLY).flatMap(([name, text]) => [
  job(422, `${name} in the name`, {}, { metadata: { name: text } }),
  job(422, `${name} in a label`, {}, { metadata: { labels: { a: text } } }),
  job(422, `${name} in a label's key`, {}, { metadata: { labels: { [text]: 'a' } } }),
  job(201, `${name} in an annotation`, {}, { metadata: { annotations: { a: text } } }),
  job(422, `${name} in an annotation's key`, {}, { metadata: { annotations: { [text]: 'a' } } }),
  job(
    201,
    `${name} in a command and a variable`,
    {},
    { pod: { containers: [container({ command: [text], env: [{ name: 'A', value: text }] })] } },
  ),
  cronJob(422, `${name} in the schedule`, { schedule: `${text} * * * *` }),
  cronJob(422, `${name} in the time zone`, { timeZone: text }),
]);

const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
const prototypes: readonly HostileRequest[] = KEYS.flatMap((key) => [
  post(201, `${key} in metadata`, JOBS, spelt(`"${key}":{"polluted":true}`)),
  post(201, `${key} in the spec`, JOBS, speltSpec(`"${key}":{"polluted":true}`)),
  post(400, `${key} as a label's map`, JOBS, spelt(`"labels":{"${key}":{"polluted":true}}`)),
  post(key.startsWith('_') ? 422 : 201, `${key} as a label`, JOBS, spelt(`"labels":{"${key}":"x"}`)),
  post(
    key.startsWith('_') ? 422 : 201,
    `${key} as an annotation`,
    JOBS,
    spelt(`"annotations":{"${key}":"x"}`),
  ),
  post(400, `${key} as kind`, JOBS, `{"apiVersion":"batch/v1","kind":"${key}"}`),
  post(400, `${key} as apiVersion`, JOBS, `{"apiVersion":"${key}","kind":"Job"}`),
  patch(200, `${key} by merge`, MERGE, `{"${key}":{"polluted":true},"spec":{"${key}":{"polluted":true}}}`),
  patch(200, `${key} by strategic merge`, STRATEGIC, `{"${key}":{"polluted":true}}`),
  patch(
    key.startsWith('_') ? 422 : 200,
    `${key} as a label by strategic merge`,
    STRATEGIC,
    `{"metadata":{"labels":{"${key}":"x"}}}`,
  ),
  patch(
    422,
    `below ${key} by JSON patch`,
    JSON_PATCH,
    `[{"op":"add","path":"/${key}/polluted","value":true}]`,
  ),
  patch(200, `${key} by JSON patch`, JSON_PATCH, `[{"op":"add","path":"/${key}","value":{"polluted":true}}]`),
  // Kubernetes answers 500 to an apply with a field that is in no schema.
  patch(
    500,
    `${key} by apply`,
    APPLY,
    `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"${TARGET}"},"${key}":{"polluted":true}}`,
    `${JOBS}/${TARGET}?fieldManager=m`,
  ),
  read(404, `${key} as a resource`, `/apis/batch/v1/namespaces/default/${key}`),
  read(404, `${key} as a version`, `/apis/batch/${key}/jobs`),
  read(404, `${key} as a group`, `/apis/${key}/v1/jobs`),
  read(404, `${key} as a subresource`, `${JOBS}/${TARGET}/${key}`),
  read(404, `${key} as a name`, `${JOBS}/${key}`),
]);

const patches: readonly HostileRequest[] = [
  patch(
    413,
    'a JSON patch of 10,001 operations',
    JSON_PATCH,
    many(10_001, () => ({ op: 'test', path: '/kind', value: 'Job' })),
  ),
  patch(
    200,
    'a JSON patch of 10,000 operations',
    JSON_PATCH,
    many(10_000, (n) => ({ op: 'add', path: `/metadata/annotations/a${n % 10}`, value: 'x' })),
  ),
  patch(
    422,
    'a JSON patch of 10,000 insertions at the front',
    JSON_PATCH,
    many(10_000, () => ({ op: 'add', path: '/spec/template/spec/containers/0', value: {} })),
  ),
  patch(422, 'a JSON patch that doubles without end', JSON_PATCH, [
    { op: 'add', path: '/metadata/annotations/a', value: 'x'.repeat(1000) },
    ...many(60, () => ({ op: 'copy', from: '/metadata', path: '/metadata/annotations/b' })),
  ]),
  patch(422, 'a JSON patch with a path of 1 MB', JSON_PATCH, [
    { op: 'add', path: '/a'.repeat(MEGABYTE / 2), value: 1 },
  ]),
  patch(422, 'a JSON patch with a path of tildes', JSON_PATCH, [
    { op: 'remove', path: `/${'~1~0'.repeat(MEGABYTE / 4)}` },
  ]),
  patch(
    400,
    'a merge patch of 100,000 nested objects',
    MERGE,
    `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  ),
  patch(
    400,
    'a strategic merge patch of 100,000 nested objects',
    STRATEGIC,
    `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  ),
  patch(
    400,
    'a JSON patch of 100,000 nested lists',
    JSON_PATCH,
    `[{"op":"add","path":"/metadata/annotations/a","value":${deep(100_000, '[', ']')}}]`,
  ),
  patch(422, 'a merge patch of 30,000 bad labels', MERGE, {
    metadata: { labels: map(30_000, (n) => `-${n}`, '-') },
  }),
  patch(422, 'a strategic merge patch of 10,000 containers', STRATEGIC, {
    spec: { template: { spec: { containers: many(10_000, (n) => container({ name: `c-${n}` })) } } },
  }),
  patch(200, 'a strategic merge patch of 10,000 deletions', STRATEGIC, {
    spec: { template: { spec: { containers: many(10_000, (n) => ({ $patch: 'delete', name: `c-${n}` })) } } },
  }),
  patch(422, 'a strategic merge patch with an order of 10,000', STRATEGIC, {
    spec: {
      template: {
        spec: {
          '$setElementOrder/containers': many(10_000, (n) => ({ name: `c-${n}` })),
          containers: many(10_000, (n) => container({ name: `c-${n}` })),
        },
      },
    },
  }),
  patch(422, 'a strategic merge patch of 20,000 finalizers', STRATEGIC, {
    metadata: { finalizers: many(20_000, (n) => `-f-${n}`) },
  }),
  patch(
    422,
    'an apply of 10,000 containers',
    APPLY,
    jobBodyNamed({ containers: many(10_000, (n) => container({ name: `c-${n}` })) }),
    `${JOBS}/${TARGET}?fieldManager=m&force=true`,
  ),
  patch(
    400,
    'an apply of 100,000 nested lists',
    APPLY,
    deep(100_000, '[', ']'),
    `${JOBS}/${TARGET}?fieldManager=m`,
  ),
  patch(400, 'an apply of a billion laughs', APPLY, aliases(10, 10), `${JOBS}/${TARGET}?fieldManager=m`),
  patch(
    422,
    "a CronJob's schedule of 100 kB",
    MERGE,
    { spec: { schedule: '*/'.repeat(50_000) } },
    `${CRON_JOBS}/${TARGET}`,
  ),
];

function jobBodyNamed(pod: Part): Part {
  return jobBody({}, { metadata: { generateName: undefined, name: TARGET }, pod });
}

const BAIT: Readonly<Record<string, string>> = {
  dashes: '-'.repeat(200_000),
  'letters and dashes': `${'a-'.repeat(100_000)}!`,
  dots: `${'a.'.repeat(100_000)}!`,
  slashes: `${'a/'.repeat(100_000)}!`,
  letters: `${'a'.repeat(200_000)}!`,
  colons: `${'a:'.repeat(100_000)}!`,
};
const bait: readonly HostileRequest[] = Object.entries(BAIT).flatMap(([name, text]) => [
  job(422, `${name} as name`, {}, { metadata: { name: text } }),
  job(422, `${name} as generateName`, {}, { metadata: { generateName: text } }),
  job(422, `${name} as label and key`, {}, { metadata: { labels: { [text]: text } } }),
  job(
    422,
    `${name} as annotation's key and finalizer`,
    {},
    { metadata: { annotations: { [text]: '' }, finalizers: [text] } },
  ),
  job(
    422,
    `${name} as owner`,
    {},
    { metadata: { ownerReferences: [{ apiVersion: text, kind: text, name: '', uid: text }] } },
  ),
  job(422, `${name} as managedBy`, { managedBy: text }),
  job(
    422,
    `${name} as container's name and variable`,
    {},
    {
      pod: {
        containers: [
          container({
            name: text,
            env: [{ name: `=${text}`, value: text }],
            ports: [{ name: text, containerPort: 1 }],
          }),
        ],
      },
    },
  ),
  job(
    422,
    `${name} as volume and mount`,
    {},
    {
      pod: {
        volumes: [{ name: text, emptyDir: {} }],
        containers: [container({ volumeMounts: [{ name: text, mountPath: `${text}:` }] })],
      },
    },
  ),
  job(
    422,
    `${name} as node, host, account, class`,
    {},
    {
      pod: {
        nodeName: text,
        hostname: text,
        subdomain: text,
        serviceAccountName: text,
        priorityClassName: text,
        runtimeClassName: text,
        schedulerName: text,
        nodeSelector: { [text]: text },
      },
    },
  ),
  job(
    422,
    `${name} as toleration`,
    {},
    { pod: { tolerations: [{ key: text, operator: 'Equal', value: text }] } },
  ),
  job(
    422,
    `${name} as resource's name`,
    {},
    { pod: { containers: [container({ resources: { limits: { [text]: '1' } } })] } },
  ),
  job(
    422,
    `${name} as DNS settings and host alias`,
    {},
    {
      pod: {
        dnsPolicy: 'None',
        dnsConfig: { nameservers: [text], searches: [text] },
        hostAliases: [{ ip: text, hostnames: [text] }],
      },
    },
  ),
  job(422, `${name} as a failure rule's container and condition`, {
    podFailurePolicy: {
      rules: [
        failureRule(0, { onExitCodes: { containerName: text, operator: 'In', values: [1] } }),
        { action: 'Ignore', onPodConditions: [{ type: text }] },
      ],
    },
  }),
  job(
    400,
    `${name} as quantity`,
    {},
    { pod: { containers: [container({ resources: { limits: { cpu: text } } })] } },
  ),
  job(422, `${name} as selector`, { manualSelector: true, selector: { matchLabels: { [text]: text } } }),
  cronJob(422, `${name} as schedule`, { schedule: text }),
  cronJob(422, `${name} as time zone`, { timeZone: text }),
  cronJob(422, `${name} as name`, {}, { name: text }),
  pod(400, `${name} as a time`, {}, { creationTimestamp: text }),
  job(201, `${name} as image`, {}, { pod: { containers: [container({ image: text })] } }),
]);

const q = encodeURIComponent;
const queries: readonly HostileRequest[] = [
  read(
    200,
    'a label selector of 1,500 demands',
    `${JOBS}?labelSelector=${q(many(1_500, (n) => `k${n}=v`).join(','))}`,
  ),
  read(400, 'a label selector of brackets', `${JOBS}?labelSelector=${q('a in ('.repeat(3_000))}`),
  read(400, 'a label selector of commas', `${JOBS}?labelSelector=${q(','.repeat(10_000))}`),
  read(400, 'a label selector of exclamation marks', `${JOBS}?labelSelector=${q('!'.repeat(10_000))}`),
  read(
    200,
    'a label selector of one set of 4,000',
    `${JOBS}?labelSelector=${q(`a in (${many(4_000, (n) => `v${n}`).join(',')})`)}`,
  ),
  read(400, 'a label selector of dashes', `${JOBS}?labelSelector=${q(`a=${'-'.repeat(20_000)}`)}`),
  read(400, 'a label selector of unicode', `${JOBS}?labelSelector=${q('\u202e=\u0000')}`),
  read(400, 'a field selector of commas and equal signs', `${JOBS}?fieldSelector=${q('='.repeat(10_000))}`),
  read(400, 'a field selector on __proto__', `${JOBS}?fieldSelector=${q('__proto__.x=1')}`),
  read(
    400,
    'a field selector of back slashes',
    `${JOBS}?fieldSelector=${q(`metadata.name=${'\\'.repeat(10_001)}`)}`,
  ),
  read(400, 'a continue token of rubbish', `${JOBS}?limit=1&continue=${q('%'.repeat(10_000))}`),
  read(400, 'a limit that is no number', `${JOBS}?limit=NaN`),
  read(400, 'a limit beyond int64', `${JOBS}?limit=99999999999999999999`),
  read(
    400,
    'a resourceVersion of rubbish',
    `${JOBS}?resourceVersion=${'9'.repeat(10_000)}x&resourceVersionMatch=Exact`,
  ),
  read(404, 'a name of dots', `${JOBS}/${'a.'.repeat(5_000)}`),
  read(404, 'a name of escapes', `${JOBS}/${'%2e%2e%2f'.repeat(1_000)}`),
  read(400, 'a path with a broken escape', `${JOBS}/%zz`),
];

/** Texts over which a search may go back and forth for ever. */
const repetitions: readonly HostileRequest[] = [
  ...Object.entries({
    'only begins': '-----BEGIN A-----\n'.repeat(25_000),
    'headers without an end': `-----BEGIN CERTIFICATE-----\n${'a:b:c:\n'.repeat(50_000)}x\n-----END CERTIFICATE-----\n`,
    dashes: `-----BEGIN ${'-'.repeat(500_000)}\n`,
    blanks: `-----BEGIN A-----${' '.repeat(500_000)}x\n`,
  }).map(([name, pem]) =>
    post(201, `a certificate of ${name}`, '/api/v1/namespaces/default/secrets', {
      metadata: { generateName: 'hostile-' },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': Buffer.from(pem).toString('base64'), 'tls.key': '' },
    }),
  ),
  ...Object.entries({
    blanks: `;a=b${' '.repeat(50_000)}x`,
    semicolons: ';'.repeat(50_000),
    escapes: `;a="${'\\"'.repeat(25_000)}`,
  }).map(([name, parameters]) =>
    post(415, `a content type of ${name}`, JOBS, '{}', `${JSON_TYPE}${parameters}`),
  ),
];

/** All of them, in groups that say what is hostile about them. */
export const HOSTILE_REQUESTS: Readonly<Record<string, readonly HostileRequest[]>> = {
  sizes,
  indexes,
  numbers,
  shapes,
  unicode,
  prototypes,
  patches,
  bait,
  queries,
  repetitions,
};
