/**
 * The API over HTTPS: requests, logs and watches as streams of HTTP/2 connections. It guarantees the answers and errors of
 * the in-process transport; it tries nothing again and speaks no HTTP/1.1.
 */
export { newHttpsTransport } from './https-transport.ts';
