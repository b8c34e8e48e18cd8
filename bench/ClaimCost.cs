using System.Diagnostics;
using Workflow.Runs;

namespace Bench;

/// <summary>
/// What one claim costs in a ledger that holds many nodes, half of them done, half of them ready: the look at the head of the queue, and the claim of the first node in it.
/// The processor time of the calling thread (the flush waited for is not in it), and the time on the clock.
/// </summary>
static class ClaimCost
{
    const int PerRun = 20;
    const int Head = 256;

    public static Task RunAsync(Arguments arguments)
    {
        var (repeats, claims) = (arguments.Number("repeats", 5), arguments.Number("claims", 60));
        Warm(arguments, claims);
        var first = 0.0;
        foreach (var nodes in arguments.Numbers("nodes", "1000,10000,100000,1000000"))
        {
            using var bench = new BenchHome(arguments, (repeats + 1) * claims);
            Fill(bench.Home, nodes);
            Measure(bench.Home, claims);
            var sets = Enumerable.Range(0, repeats).Select(_ => Measure(bench.Home, claims)).ToList();
            var cpu = new Sample(sets.Select(s => s.Look + s.Claim));
            first = first == 0 ? cpu.Median : first;
            Console.WriteLine($"  {nodes,9:N0} nodes: {cpu.Text("us of processor")} (look {new Sample(sets.Select(s => s.Look)).Median:N0}, claim {new Sample(sets.Select(s => s.Claim)).Median:N0}), {cpu.Median / first:N2} times the first; on the clock {new Sample(sets.Select(s => s.Wall)).Text("us")}; " +
                $"{new FileInfo(bench.Home.Paths.Ledger).Length >> 20:N0} MiB");
        }

        return Task.CompletedTask;
    }

    /// <summary>So that the smallest ledger, measured first, does not pay for the compiler.</summary>
    static void Warm(Arguments arguments, int claims)
    {
        const int passes = 8;
        using var bench = new BenchHome(arguments, passes * claims);
        Fill(bench.Home, 4 * passes * claims);
        for (var i = 0; i < passes; i++)
        {
            Measure(bench.Home, claims);
        }
    }

    /// <summary>Medians over some claims, one after the other.</summary>
    static (double Look, double Claim, double Wall) Measure(Home home, int claims)
    {
        var (look, take, wall) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < claims; i++)
        {
            var key = new MemoKey($"{i:x64}", "{}", "");
            var (before, start) = (ThreadClock.Micros, Stopwatch.GetTimestamp());
            var ready = home.Ledger.Read(db => Dispatcher.Head(db, "cpu", Head));
            var looked = ThreadClock.Micros;
            var claim = home.Claims.TryClaim(ready[0].RunId, ready[0].NodeId, "cpu", key, "[]");
            take.Add(ThreadClock.Micros - looked);
            look.Add(looked - before);
            wall.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            _ = claim ?? throw new InvalidOperationException($"{ready[0]} not claimed");
        }

        return (new Sample(look).Median, new Sample(take).Median, new Sample(wall).Median);
    }

    /// <summary>Runs with done nodes, their attempts and events, and as many ready ones behind them.</summary>
    static void Fill(Home home, int nodes)
    {
        // One run as the program writes it; the others are its likeness, written many at once.
        var pattern = new RunRows(home).Create(BenchJob.Of(0), new RunRequest("bench"));
        home.Ledger.Write(db => db.Execute("UPDATE node SET state='waiting' WHERE run_id=?1", pattern));
        const int batch = 1000;
        var (runs, now) = (nodes / PerRun, home.Now);
        for (var from = 0; from < runs; from += batch)
        {
            var to = Math.Min(from + batch, runs);
            home.Ledger.Write(db =>
            {
                const string numbers = "WITH RECURSIVE r(i) AS (VALUES(?1) UNION ALL SELECT i+1 FROM r WHERE i+1<?2)";
                const string id = "printf('01900000-0000-7000-8000-%012x', r.i)";
                var nodesOf = $"{numbers}, k(j) AS (VALUES(0) UNION ALL SELECT j+1 FROM k WHERE j+1<{PerRun})";
                db.Execute($"""
                    {numbers} INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, seed, threads, code_id, state, worker_id, requested_by, created_us, started_us)
                    SELECT {id}, p.pipeline, p.trigger_kind, {id}, p.job_json, p.seed, p.threads, p.code_id, 'running', p.worker_id, p.requested_by, ?4+r.i, ?4+r.i FROM r, run p WHERE p.run_id=?3
                    """, from, to, pattern, now);
                db.Execute($"""
                    {nodesOf} INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, partition_key, state, epoch, committed_epoch, memo_key, key_json, plan_json, param_id, slot_class, rank_us)
                    SELECT {id}, printf('nothing/%05d', k.j), p.stage, p.uses, 'partition', 0, printf('%05d', k.j), iif(k.j%2, 'ready', 'succeeded'), 1-k.j%2, iif(k.j%2, NULL, 1),
                      iif(k.j%2, NULL, printf('%064x', r.i*{PerRun}+k.j)), iif(k.j%2, NULL, p.plan_json), p.plan_json, p.param_id, 'cpu', ?4+r.i FROM r, k, node p WHERE p.run_id=?3
                    """, from, to, pattern, now);
                db.Execute($"""
                    {nodesOf} INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, host, pid, pid_start, boot_id, state, staging, started_us, seen_us, ended_us, exit_kind)
                    SELECT printf('01910000-0000-7000-8000-%012x', r.i*{PerRun}+k.j), {id}, printf('nothing/%05d', k.j), 1, w.worker_id, w.host, w.pid, w.pid_start, w.boot_id, 'committed', 'staging', ?4, ?4, ?4, 'ok'
                    FROM r, k, worker w WHERE k.j%2=0 AND w.worker_id=?3
                    """, from, to, home.WorkerId, now);
                db.Execute($"{nodesOf} INSERT INTO event(ts_us, run_id, node_id, epoch, type) SELECT ?3, {id}, printf('nothing/%05d', k.j), 1, 'node.committed' FROM r, k WHERE k.j%2=0", from, to, now);
            });
        }
    }
}
