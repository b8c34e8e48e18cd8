using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Trainer.Tests.Training.Distributed;

/// <summary>Ranks of one group as processes of their own: the program RankHost, and Python where a test asks for it.</summary>
sealed class RankProcesses : IDisposable
{
    readonly List<Rank> _ranks = [];
    public int WorldSize { get; }

    public RankProcesses(int worldSize)
    {
        WorldSize = worldSize;
        Folder = Directory.CreateTempSubdirectory("ranks-").FullName;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string Folder { get; }

    public int Port { get; }

    public Dictionary<string, string> Environment { get; } = new() { ["MASTER_ADDR"] = "127.0.0.1" };

    /// <summary>Starts a rank of RankHost.</summary>
    public Rank Start(int rank, params string[] arguments) => StartProgram(Program, rank, arguments);

    /// <summary>Starts a rank of a program.</summary>
    public Rank StartProgram(string program, int rank, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["RANK"], start.Environment["LOCAL_RANK"]) = (rank.ToString(CultureInfo.InvariantCulture), rank.ToString(CultureInfo.InvariantCulture));
        (start.Environment["WORLD_SIZE"], start.Environment["MASTER_PORT"]) = (WorldSize.ToString(CultureInfo.InvariantCulture), Port.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Started(start);
    }

    /// <summary>Starts every rank of RankHost.</summary>
    public IReadOnlyList<Rank> StartAll(params string[] arguments) => [.. Enumerable.Range(0, WorldSize).Select(r => Start(r, arguments))];

    /// <summary>Starts a process with python3-torch.</summary>
    public Rank Python(params string[] arguments) => Started(new ProcessStartInfo("/usr/bin/python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true });

    /// <summary>The program, beside the tests.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "RankHost");

    /// <summary>Numbers that a rank left.</summary>
    public float[] Floats(string name, int rank)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Folder, $"{name}.{rank}"));
        var values = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        return values;
    }

    public void Dispose()
    {
        foreach (var rank in _ranks)
        {
            rank.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    Rank Started(ProcessStartInfo start)
    {
        (start.Environment["OMP_WAIT_POLICY"], start.Environment["GOMP_SPINCOUNT"], start.Environment["OMP_NUM_THREADS"]) = ("passive", "0", "1");
        var rank = new Rank(Process.Start(start)!);
        _ranks.Add(rank);
        return rank;
    }

    /// <summary>A running rank.</summary>
    public sealed class Rank : IDisposable
    {
        readonly Process _process;
        readonly StringBuilder _output = new(), _error = new();
        readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();

        public Rank(Process process)
        {
            _process = process;
            process.OutputDataReceived += (_, line) => Take(_output, line.Data);
            process.ErrorDataReceived += (_, line) => Take(_error, line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public string Output => Read(_output);

        public string Error => Read(_error);

        /// <summary>Waits until the rank has printed a line.</summary>
        public Task Printed(string line)
        {
            var seen = _awaited.GetOrAdd(line, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if ((Output + Error).Split('\n').Contains(line))
            {
                seen.TrySetResult();
            }

            return seen.Task;
        }

        /// <summary>Kills it: SIGKILL.</summary>
        public void Kill() => _process.Kill();

        /// <summary>Stops it as it stands: SIGSTOP.</summary>
        public void Stop() => Process.Start("/bin/kill", ["-STOP", _process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

        /// <summary>Waits for its end.</summary>
        public int Exit()
        {
            Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(120)), $"a rank hangs: {Output}{Error}");
            _process.WaitForExit();
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                _process.WaitForExit();
            }

            _process.Dispose();
        }

        void Take(StringBuilder all, string? line)
        {
            if (line is not null)
            {
                lock (all)
                {
                    all.Append(line).Append('\n');
                }

                if (_awaited.TryGetValue(line, out var seen))
                {
                    seen.TrySetResult();
                }
            }
        }

        static string Read(StringBuilder all)
        {
            lock (all)
            {
                return all.ToString();
            }
        }
    }
}
