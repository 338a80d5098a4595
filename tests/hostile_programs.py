"""What a repository's examples might try, as programs for the sandbox, and how each has to end.

A program that is refused something prints what it was told; `prints` is found in what it printed.
"""

from dataclasses import dataclass
from typing import Final

from sandbox.program import Ending

_TRY: Final = """
import os, sys
def attempt(what, *args):
    try:
        print(what.__name__, what(*args))
    except BaseException as error:
        print(type(error).__name__, getattr(error, "strerror", None) or error)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A program: `tries` and `outcome` are its row in `docs/sandbox.md`."""

    tries: str
    outcome: str
    code: str
    endings: tuple[Ending, ...] = (Ending.ENDED,)
    prints: str = ""

    @property
    def source(self) -> str:
        """The whole program."""
        return _TRY + self.code


HOSTILE: Final = (
    Hostile(
        tries="loops for ever",
        outcome="ended after 5 s",
        code="""
while True:
    pass
""",
        endings=(Ending.TOO_LONG, Ending.ENDED),
    ),
    Hostile(
        tries="sleeps for an hour",
        outcome="ended after 5 s",
        code="""
import time
time.sleep(3600)
""",
        endings=(Ending.TOO_LONG,),
    ),
    Hostile(
        tries="prints without end",
        outcome="ended after 16 KiB",
        code="""
while True:
    print('x' * 1000)
""",
        endings=(Ending.TOO_LOUD,),
    ),
    Hostile(
        tries="forks without end",
        outcome="64 processes at most; all ended",
        code="""
import time
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
""",
        endings=(Ending.ENDED, Ending.TOO_LONG),
    ),
    Hostile(
        tries="leaves a process behind, in a session of its own",
        outcome="ended with it",
        code="""
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        import time
        time.sleep(3600)
    os._exit(0)
print('left')
""",
        endings=(Ending.ENDED, Ending.TOO_LONG),
        prints="left",
    ),
    Hostile(
        tries="kills the sandbox's first process",
        outcome="the kernel ignores it",
        code="""
import signal, time
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV):
    os.kill(1, number)
time.sleep(0.2)
print('still here')
""",
        prints="still here",
    ),
    Hostile(
        tries="kills every process that it may",
        outcome="there is none",
        code="""
import signal
os.kill(-1, signal.SIGKILL)
""",
    ),
    Hostile(
        tries="takes all memory",
        outcome="a `MemoryError` at 384 MiB",
        code="""
try:
    kept = [bytearray(1 << 24) for _ in range(1000)]
except MemoryError:
    print('no more memory')
""",
        prints="no more memory",
    ),
    Hostile(
        tries="takes all memory with many processes",
        outcome="the kernel ends them, not the sandbox",
        code="""
import time
for _ in range(20):
    os.fork()
kept = bytearray(200 << 20)
for place in range(0, len(kept), 4096):
    kept[place] = 1
time.sleep(9)
""",
        endings=(Ending.ENDED, Ending.TOO_LONG),
    ),
    Hostile(
        tries="fills its memory disk",
        outcome="no space left; emptied before the next one",
        code="""
for number in range(200):
    attempt(open(f'/tmp/big-{number}', 'wb').write, bytes(1 << 20))
""",
        prints="No space left on device",
    ),
    Hostile(
        tries="fills the folder for answers",
        outcome="no space left; the answer is written all the same",
        code="""
for number in range(60):
    attempt(open(f'/srv/sandbox/out/big-{number}', 'wb').write, bytes(1 << 20))
""",
        prints="No space left on device",
    ),
    Hostile(
        tries="writes one huge file",
        outcome="ended at 8 MiB",
        code="""
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
attempt(open('huge', 'wb').write, bytes(64 << 20))
""",
        prints="File too large",
    ),
    Hostile(
        tries="makes empty files without end",
        outcome="20 000 at most; all removed",
        code="""
number = 0
while True:
    open(f'/tmp/file-{number}', 'w').close()
    number += 1
""",
        prints="No space left on device",
    ),
    Hostile(
        tries="nests folders 3 000 deep",
        outcome="removed",
        code="""
os.chdir('/tmp')
for _ in range(3000):
    os.mkdir('d')
    os.chdir('d')
print('deep')
""",
        prints="deep",
    ),
    Hostile(
        tries="makes folders that cannot be entered",
        outcome="removed",
        code="""
os.makedirs('/tmp/shut/inner')
open('/tmp/shut/inner/file', 'w').close()
os.chmod('/tmp/shut/inner', 0)
os.chmod('/tmp/shut', 0)
""",
    ),
    Hostile(
        tries="deletes everything",
        outcome="its own folder is all that it can delete",
        code="""
import shutil
shutil.rmtree('/', ignore_errors=True)
print(os.path.exists('/usr/bin/python3'), os.path.exists('/opt/fondation/app/sandbox/server.py'))
""",
        endings=(Ending.ENDED, Ending.TOO_LONG),
        prints="True True",
    ),
    Hostile(
        tries="rewrites the sandbox's code, Python's and the list of users",
        outcome="permission denied",
        code="""
for path in ('/opt/fondation/app/sandbox/run.py', '/usr/lib/python3.11/os.py', '/etc/passwd'):
    attempt(open, path, 'r+')
""",
        prints="Permission denied",
    ),
    Hostile(
        tries="reads `/run/fondation`, where services have their secrets",
        outcome="there is none",
        code="""
attempt(os.listdir, '/run/fondation')
""",
        prints="No such file or directory",
    ),
    Hostile(
        tries="looks for secrets in its environment",
        outcome="nine variables, all ours",
        code="""
print(sorted((name for name in os.environ if not name.startswith(('PYTHON', 'LC_')))))
""",
        prints="['HOME', 'NO_COLOR', 'PATH', 'TMPDIR', 'TZ']",
    ),
    Hostile(
        tries="reads the first process's environment, memory and open files",
        outcome="permission denied",
        code="""
for name in ('environ', 'mem', 'maps'):
    attempt(open, f'/proc/1/{name}', 'rb')
attempt(os.listdir, '/proc/1/fd')
""",
        prints="Permission denied",
    ),
    Hostile(
        tries="attaches a debugger to the first process",
        outcome="operation not permitted",
        code="""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.ptrace(16, 1, 0, 0), os.strerror(ctypes.get_errno()))
""",
        prints="-1 Operation not permitted",
    ),
    Hostile(
        tries="calls a host of the Internet",
        outcome="network is unreachable",
        code="""
import socket
attempt(socket.create_connection, ('1.1.1.1', 443), 2)
""",
        prints="Network is unreachable",
    ),
    Hostile(
        tries="asks for a name",
        outcome="no name service",
        code="""
import socket
attempt(socket.getaddrinfo, 'example.com', 443)
""",
        prints="gaierror",
    ),
    Hostile(
        tries="calls the stack's backend, Docker's bridge and a cloud's metadata service",
        outcome="network is unreachable",
        code="""
import socket
for address in ('172.17.0.1', '172.18.0.1', '169.254.169.254'):
    attempt(socket.create_connection, (address, 80), 2)
""",
        prints="Network is unreachable",
    ),
    Hostile(
        tries="looks for a network interface and Docker's socket",
        outcome="loopback alone, no socket",
        code="""
import socket
print([name for _, name in socket.if_nameindex()])
attempt(os.stat, '/var/run/docker.sock')
""",
        prints="['lo']",
    ),
    Hostile(
        tries="listens for others",
        outcome="nobody can reach it, and it ends with its time",
        code="""
import socket
listening = socket.create_server(('0.0.0.0', 8080))
listening.accept()
""",
        endings=(Ending.TOO_LONG,),
    ),
    Hostile(
        tries="changes the request, and leaves one of its own",
        outcome="read-only file system",
        code="""
for name in (*os.listdir('/srv/sandbox/in'), 'mine.zip'):
    attempt(open, f'/srv/sandbox/in/{name}', 'ab')
""",
        prints="Read-only file system",
    ),
    Hostile(
        tries="forges the answer",
        outcome="the real one has no name while programs run",
        code="""
name = next((name for name in os.listdir('/srv/sandbox/in') if name.endswith('.zip')))
open('/srv/sandbox/out/' + name.replace('.zip', '.json'), 'w').write('[]')
print('forged')
""",
        prints="forged",
    ),
    Hostile(
        tries="puts pipes, links and folders where the sandbox writes",
        outcome="removed, not opened",
        code="""
out = '/srv/sandbox/out/'
name = next((name for name in os.listdir('/srv/sandbox/in') if name.endswith('.zip'))).replace('.zip', '.json')
os.mkfifo(out + '.alive')
os.path.exists(out + name) and os.remove(out + name)
os.symlink('/etc/passwd', out + name)
os.path.exists(out + '.' + name) or os.makedirs(out + '.' + name + '/inner')
print('put')
""",
        prints="put",
    ),
    Hostile(
        tries="becomes root",
        outcome="operation not permitted",
        code="""
attempt(os.setuid, 0)
attempt(os.setgroups, [0])
attempt(os.chroot, '/tmp')
""",
        prints="Operation not permitted",
    ),
    Hostile(
        tries="makes namespaces and mounts",
        outcome="operation not permitted",
        code="""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for flag in (268435456, 131072, 1073741824):
    print(libc.unshare(flag), os.strerror(ctypes.get_errno()))
print(libc.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None), os.strerror(ctypes.get_errno()))
""",
        prints="-1 Operation not permitted",
    ),
    Hostile(
        tries="starts a program that it wrote",
        outcome="permission denied: memory disks run nothing",
        code=r"""
import subprocess
open('program', 'w').write('#!/bin/sh\necho started\n')
os.chmod('program', 493)
attempt(subprocess.run, ['./program'])
""",
        prints="Permission denied",
    ),
    Hostile(
        tries="opens thousands of files",
        outcome="64 at most",
        code="""
try:
    kept = [open('/dev/null') for _ in range(5000)]
except OSError as error:
    print(error.strerror)
""",
        prints="Too many open files",
    ),
    Hostile(
        tries="writes control characters, bytes that are no text, and HTML",
        outcome="kept as data; a course shows no such output",
        code=r"""
sys.stdout.buffer.write(b'\x1b]0;owned\x07\xff\x00<script>alert(1)</script>')
""",
        prints="<script>",
    ),
    Hostile(
        tries="asks its reader something",
        outcome="end of file",
        code="""
attempt(input)
""",
        prints="EOFError",
    ),
    Hostile(
        tries="looks for the worker's folder and repositories of others",
        outcome="empty",
        code="""
print(os.listdir('/var/lib/fondation'), os.listdir('/srv/repositories'))
""",
        prints="[] []",
    ),
)
