/**
 * What we use of node:http. To import that module is to read all its exports, and one of them loads Node's whole WebSocket
 * client, which takes the start some 25 ms and the idle server 4 MB.
 */

/** As node:http has them. */
export const { Agent, createServer, request, ServerResponse } = process.getBuiltinModule('node:http');
