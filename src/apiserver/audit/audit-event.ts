/**
 * What the audit log says of a request: audit.k8s.io/v1 Event at level Metadata, one JSON text a line, as upstream's log
 * backend writes it. Pure.
 */
import type { ApiRequest, UserInfo } from '../../apimachinery/api-request.ts';
import { rfc3339Micro } from '../../apimachinery/clock.ts';
import type { Status } from '../../apimachinery/status-error.ts';
import type { RequestRecord } from '../http/request-record.ts';

/** How far a request has come: a long-running one is told when its answer begins, every one when it has ended. */
export type AuditStage = 'ResponseStarted' | 'ResponseComplete';

/** Letters of a client's name that are kept, upstream's. */
const USER_AGENT_LETTERS_MAX = 1024;

/** Plain paths that tell nothing of anybody, which clients and probes ask all the time; told only when refused. */
const QUIET = /^\/(?:healthz|livez|readyz|version|metrics|openapi|apis?|favicon\.ico)(?:\/|$)/;

/** Whether a request is worth a line. */
export function isAudited({ info }: RequestRecord, code: number): boolean {
  return (
    code === 401 || code === 403 || info === undefined || info.kind === 'resource' || !QUIET.test(info.path)
  );
}

/**
 * The line, with its end. `now` is wall milliseconds. Put together by hand: every request pays for it, and this takes a
 * third of the time of writing an object.
 */
export function auditLine(record: RequestRecord, stage: AuditStage, code: number, now: number): string {
  const { info, context, caller, user, fault, remoteAddress: address } = record;
  const agent = shortened(record.userAgent);
  let line = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":${text(record.id)},"stage":"${stage}","requestURI":${text(record.uri)},"verb":${text(verbOf(record))},"user":${userText(caller)}`;
  if (user !== caller) line += `,"impersonatedUser":${userText(user)}`;
  if (record.constraint !== undefined)
    line += `,"authenticationMetadata":{"impersonationConstraint":"${record.constraint}"}`;
  if (address !== undefined) line += `,"sourceIPs":[${text(address)}]`;
  if (agent !== '') line += `,"userAgent":${text(agent)}`;
  if (info?.kind === 'resource') {
    line += `,"objectRef":${JSON.stringify(objectOf(info.request, context?.request.body))}`;
  }
  line += `,"responseStatus":${statusText(fault, code)},"requestReceivedTimestamp":"${rfc3339Micro(record.receivedAt)}","stageTimestamp":"${rfc3339Micro(now)}"`;
  return `${line}${annotationsText(record)}}\n`;
}

const text = (value: string): string => JSON.stringify(value);

function shortened(agent: string): string {
  if (agent.length <= USER_AGENT_LETTERS_MAX) return agent;
  return `${agent.slice(0, USER_AGENT_LETTERS_MAX)}...TRUNCATED`;
}

function verbOf({ info, request }: RequestRecord): string {
  if (info === undefined) return (request.method ?? '').toLowerCase();
  return info.kind === 'resource' ? info.request.verb : info.verb;
}

/** Users as the log writes them: one object stands for a caller's connection, so most requests find theirs here. */
const users = new WeakMap<UserInfo, string>();

function userText(user: UserInfo | undefined): string {
  if (user === undefined) return '{}';
  let known = users.get(user);
  if (known === undefined) {
    const { username, uid, groups, extra } = user;
    known = JSON.stringify({ username, uid, groups, extra });
    users.set(user, known);
  }
  return known;
}

/** What the request is about. A new object has its name in the body alone. */
function objectOf(request: ApiRequest, body: unknown): object {
  const { group, version, resource, subresource, namespace } = request;
  const name = request.name ?? nameIn(body);
  return { resource, namespace, name, apiGroup: group || undefined, apiVersion: version, subresource };
}

function nameIn(body: unknown): string | undefined {
  const { metadata } = (body ?? {}) as { readonly metadata?: { readonly name?: unknown } | null };
  return typeof metadata?.name === 'string' && metadata.name !== '' ? metadata.name : undefined;
}

function statusText(fault: Status | undefined, code: number): string {
  if (fault === undefined) return `{"metadata":{},"code":${code}}`;
  const { status, message, reason, details } = fault;
  return JSON.stringify({ metadata: {}, status, message, reason, details, code });
}

function annotationsText({ context, traceparent, fault }: RequestRecord): string {
  const decision = context?.decision;
  const annotations: [string, string][] = [];
  if (decision !== undefined) {
    annotations.push(['authorization.k8s.io/decision', decision.allowed ? 'allow' : 'forbid']);
    annotations.push(['authorization.k8s.io/reason', decision.reason ?? '']);
  } else if (fault?.code === 403) annotations.push(['authorization.k8s.io/decision', 'forbid']);
  if (traceparent !== undefined) annotations.push(['longshore.dev/traceparent', traceparent]);
  if (context?.annotations !== undefined) annotations.push(...context.annotations);
  if (annotations.length === 0) return '';
  return `,"annotations":{${annotations.map(([key, value]) => `${text(key)}:${text(value)}`).join(',')}}`;
}
