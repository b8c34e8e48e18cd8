using System.Text.Json.Nodes;
using Workflow.Jobs;
using Workflow.Schedules;
using Workflow.Tests.Jobs;
using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary><c>schedules:</c> and <c>datasets:</c> of a job file: every fault with its place.</summary>
public sealed class ScheduleFileTests : IDisposable
{
    readonly JobFolder folder = new();

    public void Dispose() => folder.Dispose();

    static string With(string lines) => JobFolder.Good + "\n" + lines.Trim('\n').ReplaceLineEndings("\n");

    [Fact]
    public void Schedules_AreRead_WithTheirDefaults()
    {
        var spec = folder.Read(With("""
            datasets: { clean: documents, pairs: pairs.pairs }
            schedules:
              nightly:
                cron: "30 2 * * MON-FRI"
                zone: Europe/Berlin
                misfire: all
                overlap: cancel-previous
                jitter: 5m
                start: 2026-03-29 02:30
                end: 2027-01-01T00:00Z
                paused: the disks are full
                priority: 5
                set: { corpus: data/b.jsonl, stages.train.with.epochs: 3 }
              plain: { cron: "@daily" }
              fresh: { on: { dataset: other }, overlap: queue_one }
            """)).Require();
        Assert.Equal(
            new ScheduleSpec
            {
                Name = "nightly",
                Cron = "30 2 * * MON-FRI",
                Zone = "Europe/Berlin",
                Misfire = Misfire.All,
                Overlap = Overlap.CancelPrevious,
                Jitter = TimeSpan.FromMinutes(5),
                Start = DateTimeOffset.Parse("2026-03-29T01:00Z"),
                End = DateTimeOffset.Parse("2027-01-01T00:00Z"),
                Paused = "the disks are full",
                Priority = 5,
            }, spec.Schedules[0]);
        Assert.Equal(new ScheduleSpec { Name = "plain", Cron = "@daily" }, spec.Schedules[1]);
        Assert.Equal(new ScheduleSpec { Name = "fresh", Dataset = "other", Misfire = Misfire.All, Overlap = Overlap.QueueOne }, spec.Schedules[2]);
        Assert.Equal([("clean", new StageRef("documents", "documents")), ("pairs", new StageRef("pairs", "pairs"))], spec.Datasets.Select(d => (d.Key, d.Value)));

        // A run's stored job knows its data sets, and no schedules: they do not bear on what it computes.
        var stored = JobFileReader.FromStored(spec.Json, SampleStage.Table);
        Assert.Equal(spec.Datasets, stored.Datasets);
        Assert.Equal(spec.Json, stored.Json);
        Assert.Empty(stored.Schedules);
    }

    [Fact]
    public void Set_AppliesToTheRunsOfItsScheduleAlone_AndTheCommandLineGoesAfter()
    {
        var text = With("""
            schedules:
              nightly: { cron: "@daily", set: { seed: 9, stages.train.with.epochs: 3 } }
            """);
        Assert.Equal(5, folder.Read(text).Require().Seed);
        var spec = JobFileReader.Read("jobs/job.yaml", SampleStage.Table, ["seed=11"], folder.Root, "nightly").Require();
        Assert.Equal((11L, 3), (spec.Seed, ((SampleOptions)spec.Stages[2].Options).Epochs));
    }

    [Theory]
    [InlineData("schedules: often", "jobs/job.yaml:22:12 schedules: found 'often'; expected a mapping")]
    [InlineData("schedules: { nightly: { cron: '61 * * * *' } }", "jobs/job.yaml:22:31 schedules.nightly.cron: minute (character 1): found '61'")]
    [InlineData("schedules: { nightly: { cron: '0 0 30 2 *' } }", "never fires: no February has a day 30")]
    [InlineData("schedules: { nightly: {} }", "schedules.nightly: found neither cron nor on")]
    [InlineData("schedules: { nightly: { cron: '@daily', on: { dataset: x } } }", "schedules.nightly: found both cron and on")]
    [InlineData("schedules: { nightly: { cron: '@daily', zone: Europe/Berlln } }", "schedules.nightly.zone: found 'Europe/Berlln'; expected an IANA time zone such as Europe/Berlin; did you mean 'Europe/Berlin'?")]
    [InlineData("schedules: { nightly: { cron: '@daily', misfire: twice } }", "schedules.nightly.misfire: found 'twice'")]
    [InlineData("schedules: { nightly: { cron: '@daily', overlap: queue } }", "schedules.nightly.overlap: found 'queue'")]
    [InlineData("schedules: { nightly: { cron: '@daily', jitter: 2d } }", "schedules.nightly.jitter: found 2d; expected at most 1d")]
    [InlineData("schedules: { nightly: { cron: '@daily', start: tomorrow } }", "schedules.nightly.start: found 'tomorrow'; expected a date")]
    [InlineData("schedules: { nightly: { cron: '@daily', start: 2026-02-01, end: 2026-02-01 } }", "schedules.nightly.end: found an end that is not after the start")]
    [InlineData("schedules: { nightly: { cron: '@daily', paused: true } }", "schedules.nightly.paused: found 'true'; expected the reason")]
    [InlineData("schedules: { nightly: { cron: '@daily', mistfire: once } }", "schedules.nightly.mistfire: unknown key 'mistfire'; did you mean 'misfire'?")]
    [InlineData("schedules: { nightly: { on: { dataset: x }, zone: UTC } }", "schedules.nightly.zone: found zone beside on")]
    [InlineData("schedules: { nightly: { on: { dataset: x }, misfire: skip } }", "schedules.nightly.misfire: found 'skip' beside on")]
    [InlineData("schedules: { nightly: { on: x } }", "schedules.nightly.on: found 'x'; expected { dataset: NAME }")]
    [InlineData("datasets: { x: pairs }\nschedules: { nightly: { on: { dataset: x } } }", "schedules.nightly.on.dataset: found 'x', which this job makes itself")]
    [InlineData("schedules: { nightly: { cron: '@daily', set: { corpsu: x } } }", "jobs/job.yaml:22:56: unknown parameter or path 'corpsu'; did you mean 'corpus'?")]
    [InlineData("schedules: { nightly: { cron: '@daily', set: { stages.train.with.temperature: 7 } } }", "jobs/job.yaml:22:79 stages.train.with.temperature: found 7")]
    [InlineData("schedules: { nightly: { cron: '@daily', set: { job: other } } }", "schedules.nightly.set.job: cannot be replaced by a schedule")]
    [InlineData("schedules: { nightly: { cron: '@daily', set: { corpus: /etc/passwd } } }", "outside the allowed folders")]
    [InlineData("schedules: { 1st: { cron: '@daily' } }", "schedules.1st: found a name that cannot be a schedule")]
    [InlineData("datasets: { x: documents.rows }", "datasets.x: unknown output slot of 'documents' 'rows'")]
    [InlineData("datasets: { x: nowhere }", "datasets.x: unknown stage 'nowhere'")]
    [InlineData("datasets: { x: train }", "datasets.x: found 'train', which publishes model, history; expected train.SLOT")]
    public void Fault_IsToldWithItsPlace(string lines, string expected) => Assert.Contains(expected, Assert.Single(folder.Faults(With(lines))), StringComparison.Ordinal);

    [Fact]
    public void Schema_DescribesEveryKeyThatIsRead()
    {
        var schedule = JsonNode.Parse(JobSchema.Generate(SampleStage.Table))!["properties"]!["schedules"]!["additionalProperties"]!;
        var fault = Assert.Single(folder.Faults(With("schedules: { x: { cron: '@daily', nokey: 1 } }")));
        Assert.EndsWith($"Known: {string.Join(", ", schedule["properties"]!.AsObject().Select(p => p.Key))}.", fault);
        Assert.Equal("""["skip","queue-one","cancel-previous","allow"]""", schedule["properties"]!["overlap"]!["enum"]!.ToJsonString());
    }
}
