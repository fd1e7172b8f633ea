/** SPDY/3.1 over any stream of bytes, both sides of it. */
export { SpdyConnection, type SpdyRole, type SpdyStream } from './connection.ts';
export type { StreamHeaders } from './header-block.ts';
