/** `longshore token`: the tokens with which machines join. */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { rfc3339, systemClock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isAlreadyExists, isNotFound } from '../../apimachinery/status-error.ts';
import type { Secret } from '../../apis/core/types.ts';
import { CLUSTERROLEBINDINGS, CLUSTERROLES, type Client, SECRETS } from '../../client/index.ts';
import { defaultDataDirectory, hashOf, runningServer, UserError } from '../../cluster/index.ts';
import { connectToServer, type ServerOptions } from '../flags/server-connection.ts';

const NAMESPACE = 'kube-system';
const TYPE = 'bootstrap.kubernetes.io/token';
const GROUP = 'system:bootstrappers:longshore:default-node-token';

/**
 * Who may do what so that machines can join, bound when the first token is made: whoever has a token may ask for a node's
 * certificate and gets it, nodes may renew theirs, and they know the services whose names they tell their pods.
 */
const BINDINGS: Readonly<Record<string, { readonly role: string; readonly group: string }>> = {
  'longshore:kubelet-bootstrap': { role: 'system:node-bootstrapper', group: GROUP },
  'longshore:node-autoapprove-bootstrap': {
    role: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    group: GROUP,
  },
  'longshore:node-autoapprove-certificate-rotation': {
    role: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    group: 'system:nodes',
  },
  'longshore:node-names': { role: 'longshore:node-names', group: 'system:nodes' },
};

/** What a node needs to know to tell its pods names; everything else it sees is for the node authorizer to say. */
const NAMES_RULES = [
  { apiGroups: [''], resources: ['services'], verbs: ['list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
];

/** Options of `token create`. */
export interface CreateOptions extends ServerOptions {
  readonly ttl: number;
  readonly description?: string;
  readonly tokenOnly?: boolean;
}

/** Makes a token and prints how to join with it; answers the exit code. */
export async function createToken(options: CreateOptions): Promise<number> {
  const connection = await connectToServer(options);
  const { client, server: url, ca } = connection;
  const directory = resolve(options.dataDir ?? defaultDataDirectory());
  const record = options.kubeconfig === undefined ? runningServer(directory) : undefined;
  const server = record?.joinUrl ?? url;
  try {
    const [id, secret] = [letters(6), letters(16)];
    await bind(client);
    const stringData = {
      'token-id': id,
      'token-secret': secret,
      expiration: rfc3339(systemClock.now() + options.ttl),
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': GROUP,
      ...(options.description === undefined ? {} : { description: options.description }),
    };
    const metadata = { name: `bootstrap-token-${id}`, namespace: NAMESPACE };
    await client.create(SECRETS, NAMESPACE, { metadata, type: TYPE, stringData });
    const token = `${id}.${secret}`;
    if (options.tokenOnly === true || ca === undefined) process.stdout.write(`${token}\n`);
    else {
      process.stdout.write(
        `longshore agent --server ${server} --token ${token} --ca-cert-hash ${hashOf(ca)}\n`,
      );
      if (/^https:\/\/(127\.|localhost|\[::1\])/.test(server)) {
        process.stderr.write(
          `${server} can be reached from this machine alone: start the server with --bind and an address that others reach\n`,
        );
      }
    }
    return 0;
  } finally {
    connection.close();
  }
}

async function bind(client: Client): Promise<void> {
  await unlessThere(
    client.create(CLUSTERROLES, '', { metadata: { name: 'longshore:node-names' }, rules: NAMES_RULES }),
  );
  for (const [name, { role, group }] of Object.entries(BINDINGS)) {
    const apiGroup = 'rbac.authorization.k8s.io';
    await unlessThere(
      client.create(CLUSTERROLEBINDINGS, '', {
        metadata: { name },
        roleRef: { apiGroup, kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup, kind: 'Group', name: group }],
      }),
    );
  }
}

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Prints the tokens, without their secrets; answers the exit code. */
export async function listTokens(options: ServerOptions): Promise<number> {
  const connection = await connectToServer(options);
  const { client } = connection;
  try {
    const { items } = await client.list(SECRETS, { namespace: NAMESPACE, fieldSelector: `type=${TYPE}` });
    const rows = items.map((secret) => [
      `${value(secret, 'token-id')}.<hidden>`,
      value(secret, 'expiration') || 'never',
      value(secret, 'description') || '<none>',
    ]);
    for (const [token = '', expires = '', text = ''] of [['TOKEN', 'EXPIRES', 'DESCRIPTION'], ...rows]) {
      process.stdout.write(`${token.padEnd(18)}${expires.padEnd(23)}${text}\n`);
    }
    return 0;
  } finally {
    connection.close();
  }
}

/** Deletes a token; answers the exit code. */
export async function deleteToken(token: string, options: ServerOptions): Promise<number> {
  const [, id] = /^([a-z0-9]{6})(?:\.[a-z0-9]{16})?$/.exec(token) ?? [];
  if (id === undefined) throw new UserError(`'${token}' is no token, nor the six letters before its dot`);
  const connection = await connectToServer(options);
  const { client } = connection;
  try {
    await client.delete(SECRETS, NAMESPACE, `bootstrap-token-${id}`);
    process.stdout.write(`token ${id} deleted\n`);
    return 0;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new UserError(`there is no token ${id}: see 'longshore token list'`, { cause: error });
  } finally {
    connection.close();
  }
}

function value({ data }: DeepReadonly<Secret>, name: string): string {
  return Buffer.from(data?.[name] ?? '', 'base64').toString('utf8');
}

/** From the system's own source of secrets. */
function letters(count: number): string {
  const all = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: count }, () => all[randomInt(all.length)]).join('');
}
