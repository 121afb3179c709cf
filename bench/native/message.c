/* msgsnd(2) and msgrcv(2) of 64 bytes by one process. */
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "agent.h"

double msg_64(long n) {
  struct {
    long type;
    char text[64];
  } out = {1, ""}, in;
  int queue = msgget(IPC_PRIVATE, 0600);
  MUST(queue);
  memset(out.text, 'x', sizeof out.text);
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    MUST(msgsnd(queue, &out, sizeof out.text, 0));
    MUST(msgrcv(queue, &in, sizeof in.text, 0, 0));
  }
  double ns = now_ns() - start;
  if (in.text[63] != 'x') exit(1);
  MUST(msgctl(queue, IPC_RMID, NULL));
  return ns;
}
