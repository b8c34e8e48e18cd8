using Workflow.Jobs;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Jobs;

public sealed class RateSweepTests
{
    static string Job(string name) => Path.Combine(RepositoryFiles.Root, "jobs", name);

    [Fact]
    public void Write_TrainsTheStageAtThreeRates_AndEvaluatesEach_WithWhatTheyNeed()
    {
        var (text, rates) = RateSweep.Write(File.ReadAllText(Job("quickstart.yaml")), "train1", []);

        Assert.Equal([0.01, 0.01 / 3, 0.001], rates);
        using var folder = new JobFolder();
        var reading = Read(folder, text);
        Assert.Empty(reading.Faults);
        var stages = reading.Spec!.Stages.ToDictionary(s => s.Name);
        Assert.Equal(
            ["documents", "pairs", "vocabulary", "mine0", "shards0", "train0", "scores0", "embeddings0", "mine1", "shards1", "train1-rate1", "train1-rate2", "train1-rate3", "scores1-rate1", "scores1-rate2", "scores1-rate3", "report"],
            reading.Spec.Stages.Select(s => s.Name));
        Assert.Equal(rates, Enumerable.Range(1, 3).Select(p => ((TrainStageOptions)stages[$"train1-rate{p}"].Options).Training.LearningRate));
        Assert.Equal(0.0002 / 10, ((TrainStageOptions)stages["train1-rate3"].Options).Training.FinalLearningRate, 1e-12);
        Assert.Equal("train1-rate2", stages["scores1-rate2"].From["model"][0].Stage);
        Assert.Equal(["scores0", "scores1-rate1", "scores1-rate2", "scores1-rate3"], stages["report"].From["scores"].Select(i => i.Stage));
    }

    [Fact]
    public void Write_TakesTheRatesGiven_AndLeavesLaterRoundsOut()
    {
        var (text, _) = RateSweep.Write(File.ReadAllText(Job("quickstart.yaml")), "train0", [0.5, 0.25]);

        using var folder = new JobFolder();
        var spec = Read(folder, text).Spec!;
        Assert.DoesNotContain(spec.Stages, s => s.Name.StartsWith("mine1", StringComparison.Ordinal) || s.Name.StartsWith("train1", StringComparison.Ordinal));
        Assert.Equal([0.5, 0.25], spec.Stages.Where(s => s.Name.StartsWith("train0-", StringComparison.Ordinal)).Select(s => ((TrainStageOptions)s.Options).Training.LearningRate));
    }

    static JobReading Read(JobFolder folder, string text)
    {
        var path = Path.Combine(folder.Root, "jobs", "sweep.yaml");
        File.WriteAllText(path, text);
        return JobFileReader.Read(path, StageTable.Default, [], folder.Root);
    }

    [Fact]
    public void Write_NamesTheTrainingStages_WhenThereIsNoneOfTheName()
    {
        var error = Assert.Throws<WorkflowException>(() => RateSweep.Write(File.ReadAllText(Job("quickstart.yaml")), "mine0", []));
        Assert.Contains("train0, train1", error.Message, StringComparison.Ordinal);
    }
}
