using System.Diagnostics;
using Workflow.Runs;

namespace Bench;

/// <summary>
/// Durable rounds per second: a round creates a run of one node, claims the node and commits it, each durable before the next, through the classes the program itself uses.
/// Many callers at once, who share flushes, against one caller, who has one flush per step.
/// </summary>
static class Rounds
{
    public static Task RunAsync(Arguments arguments)
    {
        var (seconds, repeats) = (arguments.Number("seconds", 3), arguments.Number("repeats", 5));
        Measure(arguments, 1, 1);
        var one = new Sample(Enumerable.Range(0, repeats).Select(_ => Measure(arguments, 1, seconds).Rounds));
        Console.WriteLine($"  one by one (1 caller):  {one.Text("rounds/s")}");
        foreach (var callers in arguments.Numbers("callers", "16,64,128"))
        {
            Measure(arguments, callers, 1);
            var results = Enumerable.Range(0, repeats).Select(_ => Measure(arguments, callers, seconds)).ToList();
            var many = new Sample(results.Select(r => r.Rounds));
            Console.WriteLine($"  {callers} callers: {many.Text("rounds/s")}, {many.Median / one.Median:N1} times one by one; " +
                $"{new Sample(results.Select(r => r.WritesPerCommit)).Median:N0} writes per commit, {new Sample(results.Select(r => r.Cpu)).Median:N0} us of processor per round, of which {new Sample(results.Select(r => r.Writer)).Median:N0} by the thread that writes");
        }

        return Task.CompletedTask;
    }

    static (double Rounds, double WritesPerCommit, double Cpu, double Writer) Measure(Arguments arguments, int callers, int seconds)
    {
        using var bench = new BenchHome(arguments, callers);
        var home = bench.Home;
        var rows = new RunRows(home);
        var done = 0L;
        var (writes, commits) = (home.Ledger.Writes, home.Ledger.Commits);
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, callers).Select(c => new Thread(() =>
        {
            for (long n = 0; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; n++)
            {
                Round(home, rows, (n * callers) + c);
                Interlocked.Increment(ref done);
            }
        }, 256 << 10)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var spent = Process.GetCurrentProcess().TotalProcessorTime - processor;
        var writer = ThreadClock.Of("ledger");
        var stored = home.Ledger.Read(db => db.Number("SELECT MIN((SELECT COUNT(*) FROM run WHERE state='succeeded'), (SELECT COUNT(*) FROM attempt WHERE state='committed'), (SELECT COUNT(*) FROM memo))"));
        if (stored != done)
        {
            throw new InvalidOperationException($"{done} rounds done, {stored} found in the ledger");
        }

        return (done / elapsed, (home.Ledger.Writes - writes) / (double)(home.Ledger.Commits - commits), spent.TotalMicroseconds / done, writer / done);
    }

    static void Round(Home home, RunRows rows, long n)
    {
        var job = BenchJob.Of(n);
        var node = RunPlanner.Plan(job)[0];
        var inputs = new NodeInputs { All = [], Slots = new Dictionary<string, IReadOnlyList<Workflow.Stages.InputArtifact>>(), Partitions = [] };
        var run = rows.Create(job, new RunRequest("bench"));
        var key = MemoKey.Of(job, node, inputs, "bench");
        var claim = home.Claims.TryClaim(run, node.NodeId, "cpu", key, "[]") ?? throw new InvalidOperationException("not claimed");
        if (!home.Commits.PublishAndCommit(claim, key, inputs, []))
        {
            throw new InvalidOperationException("not committed");
        }
    }
}
