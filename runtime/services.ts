/** The text of a new machine's /etc/services, which getservbyname(3) and programs read. See services(5). */

import { PATH_MAX } from "../assembly/abi/limits.ts";
import type { KernelExports } from "./instance.ts";

/** Name, port, protocols, other names: ports as IANA has assigned them. */
const SERVICES: readonly (readonly [string, number, string, string?])[] = [
  ["tcpmux", 1, "tcp"],
  ["echo", 7, "tcp udp"],
  ["discard", 9, "tcp udp", "sink null"],
  ["systat", 11, "tcp", "users"],
  ["daytime", 13, "tcp udp"],
  ["netstat", 15, "tcp"],
  ["qotd", 17, "tcp", "quote"],
  ["chargen", 19, "tcp udp", "ttytst source"],
  ["ftp-data", 20, "tcp"],
  ["ftp", 21, "tcp"],
  ["ssh", 22, "tcp"],
  ["telnet", 23, "tcp"],
  ["smtp", 25, "tcp", "mail"],
  ["time", 37, "tcp udp", "timserver"],
  ["whois", 43, "tcp", "nicname"],
  ["domain", 53, "tcp udp"],
  ["bootps", 67, "udp"],
  ["bootpc", 68, "udp"],
  ["tftp", 69, "udp"],
  ["gopher", 70, "tcp"],
  ["finger", 79, "tcp"],
  ["http", 80, "tcp", "www"],
  ["kerberos", 88, "tcp udp"],
  ["pop3", 110, "tcp", "pop-3"],
  ["sunrpc", 111, "tcp udp", "portmapper"],
  ["auth", 113, "tcp", "ident"],
  ["nntp", 119, "tcp"],
  ["ntp", 123, "udp"],
  ["imap2", 143, "tcp", "imap"],
  ["snmp", 161, "tcp udp"],
  ["irc", 194, "tcp udp"],
  ["ldap", 389, "tcp udp"],
  ["https", 443, "tcp udp"],
  ["submissions", 465, "tcp", "smtps"],
  ["syslog", 514, "udp"],
  ["printer", 515, "tcp", "spooler"],
  ["submission", 587, "tcp"],
  ["ldaps", 636, "tcp udp"],
  ["imaps", 993, "tcp"],
  ["pop3s", 995, "tcp"],
  ["socks", 1080, "tcp"],
  ["mysql", 3306, "tcp"],
  ["postgresql", 5432, "tcp", "postgres"],
  ["redis", 6379, "tcp"],
  ["http-alt", 8080, "tcp udp", "webcache"],
];

function text(): string {
  let lines = "# Services that programs ask for by name: name, port/protocol, other names.\n";
  for (const [name, port, protocols, aliases = ""] of SERVICES) {
    for (const protocol of protocols.split(" ")) {
      lines += `${`${name}\t${port}/${protocol}\t${aliases}`.trimEnd()}\n`;
    }
  }
  return lines;
}

/** Makes the file, in a machine that no thread has joined. */
export function seedServices(kernel: KernelExports, memory: WebAssembly.Memory): void {
  const at = kernel.task_transfer_at(1) + PATH_MAX;
  const bytes = new TextEncoder().encode(text());
  new Uint8Array(memory.buffer).set(bytes, at);
  kernel.machine_services(bytes.length);
}
