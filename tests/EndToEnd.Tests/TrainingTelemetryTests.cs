using Xunit;

namespace EndToEnd.Tests;

/// <summary>What a real training tells the ledger while it runs.</summary>
public sealed class TrainingTelemetryTests(SharedRuns shared)
{
    [Fact]
    public async Task Training_KeepsItsHistogramsAndPhases_WhenUndisturbed()
    {
        var tiny = await shared.Tiny;

        var histograms = await Sqlite3.QueryAsync(tiny.Home.Path, """
            SELECT s.key, h.step, h.epoch, h.low, h.high, json_array_length(h.counts_json), json_extract(h.figures_json, '$.p5')<=json_extract(h.figures_json, '$.p50'),
              json_extract(h.figures_json, '$.p50')<=json_extract(h.figures_json, '$.p95') FROM metric_series s JOIN histogram h USING(series_id) WHERE s.node_id='train' ORDER BY 1, 2
            """);
        int[] steps = [0, 60, 120, 180, 240];
        Assert.Equal(new[] { "hard_negative", "in_batch", "positive" }.SelectMany(kind => steps.Select(step => $"cosine/{kind}|{step}|1|-1.0|1.0|64|1|1")), histograms);
        var events = await TrainingRows.EventsAsync(tiny.Home.Path, (string)tiny.Result["run"]!);
        Assert.Contains(events, e => e.StartsWith("training.phase|0|", StringComparison.Ordinal));
        Assert.Contains(events, e => e.StartsWith("training.best|", StringComparison.Ordinal) && e.Contains("|dev_ndcg@10|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Training_PutsAlarmsAndWhatItDidIntoTheHistory_WhenOneSounds()
    {
        using var home = await (await shared.Tiny).Home.CopyAsync();

        // Random pairs of an untrained encoder never spread this wide: the alarm sounds at the first look and the rate is lowered.
        var run = await WorkflowProgram.RunAsync("run", "jobs/tiny.yaml", "--home", home.Path, "--json", "--set", "stages.train.with.training.max_steps=60",
            "--set", "stages.train.with.training.watch={collapse: lower_rate, collapse_deviation: 1}");
        Assert.True(run.ExitCode == 0, run.Errors + run.Output);

        var id = (string)run.Json["run"]!;
        var events = await Sqlite3.QueryAsync(home.Path, $"""
            SELECT type, node_id, epoch, json_extract(payload, '$.step'), json_extract(payload, '$.policy'), json_extract(payload, '$.text') LIKE 'At step 0 the cosines of random pairs%'
            FROM event WHERE run_id='{id}' AND type='training.COLLAPSE'
            """);
        Assert.Equal(["training.COLLAPSE|train|1|0|lower_rate|1"], events);
        Assert.Equal(["training.lower_rate|0|lower_rate|COLLAPSE: rate times 0.5."],
            (await TrainingRows.EventsAsync(home.Path, id)).Where(e => e.StartsWith("training.lower_rate", StringComparison.Ordinal)));
    }
}
