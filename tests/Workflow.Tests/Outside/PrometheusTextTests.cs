using Workflow.Outside.Metrics;
using Xunit;

namespace Workflow.Tests.Outside;

public sealed class PrometheusTextTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Text_IsAsTheFormatSaysIt()
    {
        var text = new PrometheusText();
        text.Counter("requests_total", "Back\\slash and\nnewline.", 3);
        text.Gauges("load", "Load.", [([("a", "x\"y\\z\nw")], 0.1), ([("a", "")], double.NaN), ([("a", "i")], double.PositiveInfinity)]);
        Assert.Equal("""
            # HELP requests_total Back\\slash and\nnewline.
            # TYPE requests_total counter
            requests_total 3
            # HELP load Load.
            # TYPE load gauge
            load{a="x\"y\\z\nw"} 0.1
            load{a=""} NaN
            load{a="i"} +Inf

            """.ReplaceLineEndings("\n"), text.ToString());
    }

    [Fact]
    public async Task PrometheusOwnParser_ReadsBackWhatWasWritten()
    {
        var text = new PrometheusText();
        text.Counters("jobs_total", "Jobs\\done.", [([("job", "a\\b\"c\nd"), ("state", "é")], 1e15), ([("job", "x"), ("state", "")], 0.1 + 0.2)]);
        var seconds = new Distribution([0.1, 1, 10]);
        foreach (var value in new[] { 0.05, 0.1, 0.5, 5, 50, 500 })
        {
            seconds.Add(value);
        }

        text.Histograms("took_seconds", "Time.", [([("stage", "train")], seconds)]);
        var families = await PrometheusParser.ParseAsync(text.ToString(), Cancellation);
        Assert.Equal([("jobs", "counter", "Jobs\\done."), ("took_seconds", "histogram", "Time.")], families.Select(f => (f.Name, f.Type, f.Help)));
        Assert.Equal(1e15, families.Value("jobs_total", ("job", "a\\b\"c\nd"), ("state", "é")));
        Assert.Equal(0.1 + 0.2, families.Value("jobs_total", ("job", "x")));
        Assert.Equal([2d, 3, 4, 6], families[1].Samples.Where(s => s.Name == "took_seconds_bucket").Select(s => s.Value));
        Assert.Equal(["0.1", "1", "10", "+Inf"], families[1].Samples.Where(s => s.Name == "took_seconds_bucket").Select(s => s.Labels["le"]));
        Assert.Equal((6, 555.65), (families.Value("took_seconds_count"), Math.Round(families.Value("took_seconds_sum"), 9)));
    }
}
