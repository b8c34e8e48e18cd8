using Workflow.Jobs;
using Workflow.Tests.Jobs;
using Xunit;

namespace Workflow.Tests.Nightly;

/// <summary>Job files that read a named slot.</summary>
public sealed class NamedSlotLinkTests : IDisposable
{
    readonly JobFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Reader_TakesANamedSlot_WhereAModelMayBeLeftOut_AndComesBackFromTheStoredJob()
    {
        var spec = folder.Read(JobFolder.Good.Replace("pairs: pairs.pairs", "pairs: pairs.pairs, initial: \"slot:best\"", StringComparison.Ordinal)).Require();
        var read = Assert.Single(spec.Stages[2].From["initial"]);
        Assert.Equal(("best", new StageRef("slot:best", "model")), (read.ModelSlot, read));
        Assert.Null(spec.Stages[2].From["pairs"][0].ModelSlot);
        Assert.Equal(read, Assert.Single(JobFileReader.FromStored(spec.Json, SampleStage.Table).Stages[2].From["initial"]));
    }

    [Theory]
    [InlineData("pairs: pairs.pairs, initial: \"slot:\"", "jobs/job.yaml:19:42 stages.train.from.initial: found 'slot:'; expected slot:NAME, NAME being a letter, then letters, digits, '-' or '_'.")]
    [InlineData("pairs: \"slot:best\"", "jobs/job.yaml:19:20 stages.train.from.pairs: found the named slot 'slot:best', which holds a model or nothing; expected pairs.")]
    public void Reader_RefusesANamedSlot_WhereItCannotBe(string from, string fault) =>
        Assert.Equal([fault], folder.Faults(JobFolder.Good.Replace("pairs: pairs.pairs", from, StringComparison.Ordinal)));
}
