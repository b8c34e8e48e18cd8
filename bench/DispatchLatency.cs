using System.Diagnostics;
using DataPrep;
using Workflow.Engine;
using Workflow.Runs;

namespace Bench;

/// <summary>
/// How long a run waits for its first claim where everything is idle: from the moment that its creation is durable to the start of its claimed attempt in the dispatcher that waits for it.
/// Beside it how long a ring takes through the engine alone.
/// </summary>
static class DispatchLatency
{
    public static async Task RunAsync(Arguments arguments)
    {
        var (repeats, runs) = (arguments.Number("repeats", 5), arguments.Number("runs", 100));
        foreach (var (name, open) in Engines)
        {
            using var bench = new BenchHome(arguments, 4);
            await using var engine = open(bench.Home);
            await engine.StartAsync(CancellationToken.None);
            var rings = await RingAsync(engine, runs);
            using var stop = new CancellationTokenSource();
            var dispatcher = new Dispatcher(bench.Home, engine);
            var running = dispatcher.RunAsync(stop.Token);
            var seed = 0L;
            await MeasureAsync(bench.Home, dispatcher, engine, runs, () => seed++);
            var sets = new List<Sample>();
            for (var i = 0; i < repeats; i++)
            {
                sets.Add(await MeasureAsync(bench.Home, dispatcher, engine, runs, () => seed++));
            }

            await stop.CancelAsync();
            await running;
            Console.WriteLine($"  {name}: durable to claimed and started {new Sample(sets.Select(s => s.Median)).Text("ms", "N2")}, 95 of 100 within {new Sample(sets.Select(s => s.Quantile(0.95))).Median:N2} ms; " +
                $"{sets.Sum(s => s.Count)} runs; a ring alone {rings.Median:N3} ms");
        }
    }

    static Dictionary<string, Func<Home, IJobEngine>> Engines => new(StringComparer.Ordinal)
    {
        ["inline"] = home => new InlineEngine(home.Options.Time),
        ["quartz"] = home => new QuartzEngine(home.Paths, home.Options.Time),
    };

    static async Task<Sample> MeasureAsync(Home home, Dispatcher dispatcher, IJobEngine engine, int runs, Func<long> seed)
    {
        var rows = new RunRows(home);
        var waits = new List<double>();
        for (var i = 0; i < runs; i++)
        {
            var run = rows.Create(BenchJob.Of(seed()), new RunRequest("bench"));
            var watch = new FirstAttempt();
            await engine.EnqueueAsync(run, CancellationToken.None);
            if (await dispatcher.Start(run, watch) != "succeeded")
            {
                throw new InvalidOperationException($"run {run} failed");
            }

            waits.Add(watch.Waited.TotalMilliseconds);
        }

        return new Sample(waits);
    }

    static async Task<Sample> RingAsync(IJobEngine engine, int rings)
    {
        var waits = new List<double>();
        for (var i = 0; i < rings; i++)
        {
            var waiting = engine.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
            var start = Stopwatch.GetTimestamp();
            await engine.EnqueueAsync($"ring-{i}", CancellationToken.None);
            _ = await waiting;
            waits.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return new Sample(waits);
    }

    sealed class FirstAttempt : IRunObserver
    {
        readonly long start = Stopwatch.GetTimestamp();

        public TimeSpan Waited { get; private set; }

        public void AttemptStarted(string nodeId, long epoch, long? resumedStep) => Waited = Stopwatch.GetElapsedTime(start);

        public void RunStarted(string runId, string job, int nodes)
        {
        }

        public void NodeReused(string nodeId, string fromRun)
        {
        }

        public void Progress(string nodeId, StageProgress progress)
        {
        }

        public void Log(string nodeId, string line)
        {
        }

        public void NodeSucceeded(string nodeId, TimeSpan duration)
        {
        }

        public void AttemptFailed(string nodeId, string exitKind, string message, TimeSpan? retryIn)
        {
        }

        public void RunEnded(string runId, string state)
        {
        }
    }
}
