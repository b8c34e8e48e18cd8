using System.Globalization;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>Kills and resumes.</summary>
static class Killing
{
    /// <summary>Random moments tried of either kind; WORKFLOW_KILLS, which counts both, raises it (the script beside this folder asks for 100).</summary>
    public static int Times => int.TryParse(Environment.GetEnvironmentVariable("WORKFLOW_KILLS"), NumberStyles.Integer, null, out var n) ? (n + 1) / 2 : 5;

    /// <summary>Kills a run at random moments, each in a home of its own.</summary>
    /// <returns>How often training went on from a checkpoint.</returns>
    public static async Task<int> RepeatAsync(SharedRuns shared, bool inTraining, ITestOutputHelper output)
    {
        var random = new Random(20261);
        var trainingResumed = 0;
        var undisturbed = await shared.Tiny;
        for (var i = 0; i < Times; i++)
        {
            using var home = new HomeFolder();
            var resumedStep = await KillAndResumeAsync(home, undisturbed, inTraining, random);
            trainingResumed += resumedStep > 0 ? 1 : 0;
            output.WriteLine($"kill {i}: {(inTraining ? "in training" : "anywhere")}, training resumed from step {resumedStep}");
        }

        return trainingResumed;
    }

    static async Task<long> KillAndResumeAsync(HomeFolder home, TinyRun undisturbed, bool inTraining, Random random)
    {
        var process = WorkflowProgram.Start(WorkflowProgram.Root, "run", "jobs/tiny.yaml", "--home", home.Path, "--json");
        var drained = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (inTraining)
        {
            var wanted = random.Next(1, 5);
            while (!process.HasExited && Checkpoints(home) < wanted)
            {
                await Task.Delay(20);
            }

            await Task.Delay(random.Next(0, 60));
        }
        else
        {
            await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(undisturbed.Duration * random.NextDouble()));
        }

        await WorkflowProgram.KillGroupAsync(process);
        await drained;
        process.Dispose();
        Assert.Empty(home.TornFiles());

        var runs = await WorkflowProgram.RunAsync("runs", "--home", home.Path, "--json");
        Assert.True(runs.ExitCode == 0, runs.Errors);
        var last = runs.Json.AsArray().Count > 0 ? (string)runs.Json[0]!["run"]! : null;
        var again = last is null
            ? await WorkflowProgram.RunAsync("run", "jobs/tiny.yaml", "--home", home.Path, "--json")
            : await WorkflowProgram.RunAsync("resume", last, "--home", home.Path, "--json");
        Assert.True(again.ExitCode == 0, again.Errors + again.Output);
        var run = (string)again.Json["run"]!;
        Assert.True(last is null || run == last, "a resumed run keeps its id");

        Assert.Empty(home.TornFiles());
        Assert.Equal(undisturbed.Artifacts, await TinyRun.ArtifactsOfAsync(home.Path, run));
        Assert.Equal(await TrainingRows.SeriesAsync(undisturbed.Home.Path, (string)undisturbed.Result["run"]!), await TrainingRows.SeriesAsync(home.Path, run));
        Assert.Equal(await TrainingRows.EventsAsync(undisturbed.Home.Path, (string)undisturbed.Result["run"]!), await TrainingRows.EventsAsync(home.Path, run));
        var verify = await WorkflowProgram.RunAsync("verify", "--home", home.Path);
        Assert.True(verify.ExitCode == 0, verify.Errors + verify.Output);
        Assert.Equal(["ok"], await Sqlite3.QueryAsync(home.Path, "PRAGMA integrity_check"));
        Assert.Empty(await Sqlite3.QueryAsync(home.Path, "PRAGMA foreign_key_check"));

        // From the ledger: an attempt of a training node that took up a checkpoint left by an earlier epoch.
        var steps = await Sqlite3.QueryAsync(home.Path,
            "SELECT max(c.step) FROM attempt a JOIN checkpoint c ON c.run_id=a.run_id AND c.node_id=a.node_id AND c.epoch<a.epoch WHERE a.resumed_ckpt IS NOT NULL AND a.state='committed'");
        return steps is [var step] && long.TryParse(step, out var n) ? n : 0;
    }

    static long Checkpoints(HomeFolder home) => long.TryParse(Sqlite3.Look(home.Path, "SELECT CAST(count(*) AS TEXT) FROM checkpoint"), out var count) ? count : 0;
}
