using Xunit;

namespace Workflow.Tests.Jobs;

public sealed class SetArgumentsTests : IDisposable
{
    readonly JobFolder folder = new();

    public void Dispose() => folder.Dispose();

    SampleOptions Train(params string[] sets) => (SampleOptions)folder.Read(JobFolder.Good, sets).Require().Stages[2].Options;

    [Fact]
    public void Set_ReplacesValues_WhenPathsAreKnown()
    {
        var spec = folder.Read(JobFolder.Good, "seed=3", "seed=4", "stages.train.max_tries=7", "stages.train.from.pairs=pairs").Require();

        Assert.Equal((4L, 7), (spec.Seed, spec.Stages[2].MaxTries));
        Assert.Equal(0.5, Train("stages.train.with.temperature=0.5").Temperature);
        Assert.Equal([1, 2], Train("stages.train.with.dimensions=[1, 2]").Dimensions);
        Assert.Equal(("linear", 0.2), Train("stages.train.with.schedule.shape=linear") is { Schedule: var s } ? (s.Shape, s.WarmUp) : default);
        Assert.Equal("a = b: c #d", Train("stages.train.with.prompt=a = b: c #d").Prompt);
        Assert.Null(Train("stages.train.with.prompt=null").Prompt);
        Assert.Equal("null", Train("stages.train.with.prompt='null'").Prompt);
    }

    [Theory]
    [InlineData("sed=3", "--set sed=3: unknown parameter or path 'sed'; did you mean 'seed'? Known: corpus, job, description, seed, threads, priority, datasets, schedules, stages.")]
    [InlineData("corpsu=x", "--set corpsu=x: unknown parameter or path 'corpsu'; did you mean 'corpus'?")]
    [InlineData("stages.trian.with.epochs=2", "--set stages.trian.with.epochs=2 stages.trian.with.epochs: unknown stage 'trian'; did you mean 'train'? Known: documents, pairs, train.")]
    [InlineData("stages.train.with.epoch=2", "--set stages.train.with.epoch=2 stages.train.with.epoch: unknown key 'epoch'; did you mean 'epochs'?")]
    [InlineData("stages.train.epochs=2", "--set stages.train.epochs=2 stages.train.epochs: unknown key 'epochs'")]
    [InlineData("stages.train=2", "expected stages.NAME.KEY=value")]
    [InlineData("stages.train.with.temperature.x=2", "found '0.07' at 'stages.train.with.temperature'; expected a mapping or a list there.")]
    [InlineData("stages.documents.with.files.1=x", "found '1' as a place in a list of 1; expected 0 to 0.")]
    [InlineData("stages.train.with.temperature=warm", "--set stages.train.with.temperature=warm stages.train.with.temperature: found 'warm'; expected a number.")]
    [InlineData("seed", "--set seed: expected path=value")]
    [InlineData("seed=[1", "found text that is not YAML")]
    public void Set_IsUsageFault_WhenItDoesNotFit(string set, string expected)
    {
        var reading = folder.Read(JobFolder.Good, set);

        Assert.Contains(expected, Assert.Single(reading.Faults).ToString());
        Assert.Equal(2, Assert.Throws<WorkflowException>(reading.Require).ExitCode);
    }

    [Fact]
    public void Parameter_MustBeGiven_WhenItIsRequired()
    {
        const string job = """
            job: sample
            parameters:
              dataset: { required: true }
              depth: { default: 3 }
            stages:
              documents: { uses: ingest, with: { files: ["${dataset}/corpus-${depth}.jsonl", "$${dataset}.jsonl"] } }
            """;

        Assert.Equal("jobs/job.yaml:3:3 parameters.dataset: is required; give it with --set dataset=VALUE.", Assert.Single(folder.Faults(job)));
        var files = ((SourceOptions)folder.Read(job, "dataset=some", "depth=4").Require().Stages[0].Options).Files;
        Assert.Equal([Path.Combine(folder.Root, "some/corpus-4.jsonl"), "${dataset}.jsonl"], files);
    }

    [Theory]
    [InlineData("a: 5", "3:6 parameters.a: found '5'; expected { default: VALUE } or { required: true }.")]
    [InlineData("a: {}", "3:6 parameters.a: expected either a default or required: true.")]
    [InlineData("a: { defautl: 1, default: 2 }", "3:8 parameters.a.defautl: unknown key 'defautl'; did you mean 'default'?")]
    [InlineData("seed: { default: 1 }", "3:3 parameters.seed: found a name that cannot be a parameter")]
    public void Parameter_IsRefused_WhenItsDeclarationDoesNotFit(string declaration, string expected)
    {
        var faults = folder.Faults($"job: sample\nparameters:\n  {declaration}\nstages:\n  documents: {{ uses: ingest, with: {{ files: [] }} }}");

        Assert.StartsWith("jobs/job.yaml:" + expected, faults[0]);
    }

    [Fact]
    public void Path_IsAllowedAndAbsolute_WhenTheCommandLineGivesIt()
    {
        using var elsewhere = new JobFolder();
        var given = Path.GetRelativePath(folder.Root, elsewhere.Root);

        var spec = folder.Read(JobFolder.Good, $"corpus={given}/data.jsonl").Require();

        Assert.Equal([Path.Combine(elsewhere.Root, "data.jsonl")], ((SourceOptions)spec.Stages[0].Options).Files);
        Assert.Equal([Path.Combine(elsewhere.Root, "data.jsonl")], spec.AllowedRoots);
        Assert.Equal("{}", spec.Stages[0].SemanticJson);
    }

    [Fact]
    public void Path_IsRefused_WhenItClimbsOutOfWhatTheCommandLineGave()
    {
        using var elsewhere = new JobFolder();

        var fault = Assert.Single(folder.Faults(JobFolder.Good.Replace("${corpus}", "${corpus}/../../etc/passwd"), $"corpus={elsewhere.Root}"));

        Assert.Contains("outside the allowed folders", fault);
    }

    [Fact]
    public void Path_IsRefused_WhenALinkLeadsOutside()
    {
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "data"), "/etc");

        Assert.Contains("which leads to '/etc/a.jsonl', outside the allowed folders", Assert.Single(folder.Faults(JobFolder.Good)));
    }
}
