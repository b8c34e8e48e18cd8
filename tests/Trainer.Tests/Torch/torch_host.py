"""Has torch loaded and forks for every script that is asked for, so that it is loaded once: a line {"script", "arguments", "output", "error"} in, a line with the exit code out."""
import json
import os
import runpy
import sys

import numpy  # noqa: F401 (the scripts use it)
import torch

print(torch.__version__, flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    pid = os.fork()
    if pid == 0:
        for descriptor, path, flags in ((0, os.devnull, os.O_RDONLY), (1, asked["output"], os.O_WRONLY | os.O_CREAT), (2, asked["error"], os.O_WRONLY | os.O_CREAT)):
            os.dup2(os.open(path, flags, 0o600), descriptor)
        sys.argv = [asked["script"], *asked["arguments"]]
        sys.path[0] = os.path.dirname(asked["script"])
        code = 1
        try:
            runpy.run_path(asked["script"], run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
