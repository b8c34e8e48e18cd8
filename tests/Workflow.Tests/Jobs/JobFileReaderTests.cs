using Workflow.Jobs;
using Xunit;

namespace Workflow.Tests.Jobs;

public sealed class JobFileReaderTests : IDisposable
{
    readonly JobFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Reader_FillsStagesAndDefaults_WhenTheJobIsSound()
    {
        var spec = folder.Read(JobFolder.Good).Require();

        Assert.Equal(("sample", "A small job.", 5L, 2), (spec.Name, spec.Description, spec.Seed, spec.Threads));
        Assert.Equal(folder.Root, spec.Root);
        Assert.Equal(["documents", "pairs", "train"], spec.Stages.Select(s => s.Name));
        Assert.Equal(["data/a.jsonl"], ((SourceOptions)spec.Stages[0].Options).Files);
        var train = spec.Stages[2];
        var options = (SampleOptions)train.Options;
        Assert.Equal((0.07, Flavour.HardNegatives, 1, long.MaxValue), (options.Temperature, options.Flavour, options.Epochs, options.Limit));
        Assert.Equal(("cosine", 0.2, 0.1), (options.Schedule.Shape, options.Schedule.WarmUp, options.Schedule.Final));
        Assert.Equal((2, TimeSpan.FromMinutes(90)), (train.MaxTries, train.Timeout));
        Assert.Equal(new StageRef("pairs", "pairs"), Assert.Single(train.From["pairs"]));
        Assert.Equal(new StageRef("documents", "documents"), Assert.Single(spec.Stages[1].From["documents"]));
    }

    [Fact]
    public void Reader_ListsEveryFaultWithItsPlace_WhenThereAreSeveral()
    {
        var faults = folder.Faults("""
            job: sample
            sed: 5
            threads: many
            stages:
              documents:
                uses: ingst
              pairs:
                uses: pairs
                with: { temprature: 0.1, epochs: 0 }
                from: { documents: documents }
              train:
                uses: train
                max_tries: 0
                from: { pairs: pairs, initial: later }
              later:
                uses: train
                from: { pairs: pairs.paris }
            """);

        Assert.Equal(
        [
            "jobs/job.yaml:2:1 sed: unknown key 'sed'; did you mean 'seed'? Known: job, description, seed, threads, priority, parameters, datasets, schedules, stages.",
            "jobs/job.yaml:3:10 threads: found 'many'; expected a whole number.",
            "jobs/job.yaml:6:11 stages.documents.uses: unknown stage kind 'ingst'; did you mean 'ingest'? Known: compare, ingest, pairs, report, train.",
            "jobs/job.yaml:9:13 stages.pairs.with.temprature: unknown key 'temprature'; did you mean 'temperature'? Known: temperature, epochs, limit, rate, shuffle, flavour, optimizer, prompt, warm, dimensions, weights, schedule, phases, corpus, workers.",
            "jobs/job.yaml:9:38 stages.pairs.with.epochs: found 0; expected at least 1.",
            "jobs/job.yaml:13:16 stages.train.max_tries: found 0; expected at least 1 and at most 100.",
            "jobs/job.yaml:14:36 stages.train.from.initial: found 'later', which is declared later (line 15); expected an earlier stage: move 'later' up.",
            "jobs/job.yaml:17:20 stages.later.from.pairs: unknown output slot of 'pairs' 'paris'; did you mean 'pairs'? Known: pairs.",
        ],
        faults);
    }

    [Theory]
    [InlineData("temperature: 0", "9:26 stages.pairs.with.temperature: found 0; expected above 0 and at most 1.")]
    [InlineData("temperature: 1.5", "9:26 stages.pairs.with.temperature: found 1.5; expected above 0 and at most 1.")]
    [InlineData("temperature: .nan", "9:26 stages.pairs.with.temperature: found '.nan'; expected a number.")]
    [InlineData("epochs: 2.5", "9:21 stages.pairs.with.epochs: found '2.5'; expected a whole number.")]
    [InlineData("epochs: 3000000000", "9:21 stages.pairs.with.epochs: found 3000000000; expected a whole number of 32 bits.")]
    [InlineData("shuffle: yes", "9:22 stages.pairs.with.shuffle: found 'yes'; expected true or false.")]
    [InlineData("flavour: in_bach", "9:22 stages.pairs.with.flavour: found 'in_bach'; did you mean 'in_batch'? Known: in_batch, hard_negatives.")]
    [InlineData("optimizer: adam", "9:24 stages.pairs.with.optimizer: found 'adam'; did you mean 'adamw'? Known: adamw, sgd.")]
    [InlineData("warm_up: 0.2", "9:13 stages.pairs.with.warm_up: unknown key 'warm_up'; did you mean 'schedule.warm_up'? Known: temperature, epochs, limit, rate, shuffle, flavour, optimizer, prompt, warm, dimensions, weights, schedule, phases, corpus, workers.")]
    [InlineData("warm: soon", "9:19 stages.pairs.with.warm: found 'soon'; expected a duration such as 30s, 5m or 1h30m.")]
    [InlineData("dimensions: 64", "9:25 stages.pairs.with.dimensions: found '64'; expected a list of a whole number, such as [64].")]
    [InlineData("dimensions: [64, 0]", "9:30 stages.pairs.with.dimensions.1: found 0; expected at least 1 and at most 4096.")]
    [InlineData("weights: [1]", "9:22 stages.pairs.with.weights: found a list; expected a mapping of names to a number.")]
    [InlineData("weights: { a: b }", "9:27 stages.pairs.with.weights.a: found 'b'; expected a number.")]
    [InlineData("schedule: cosine", "9:23 stages.pairs.with.schedule: found 'cosine'; expected a mapping of shape, warm_up, final, print.")]
    [InlineData("schedule: { warm_up: 2 }", "9:34 stages.pairs.with.schedule.warm_up: found 2; expected at least 0 and at most 1.")]
    [InlineData("phases: [ { warm_up: 0 } ]", "9:23 stages.pairs.with.phases.0.shape: is missing; expected text.")]
    [InlineData("epochs: ", "9:22 stages.pairs.with.epochs: found nothing; expected a whole number.")]
    [InlineData("epochs: { a: 1 }", "9:21 stages.pairs.with.epochs: found a mapping; expected a whole number.")]
    [InlineData("shuffle: false, epochs: 11", "9:22 stages.pairs.with.shuffle: found more than 10 epochs in one order; expected shuffle: true.")]
    [InlineData("prompt: \"${who}\"", "9:21 stages.pairs.with.prompt: unknown parameter 'who'. None are known here.")]
    [InlineData("corpus: ../outside.jsonl", "9:21 stages.pairs.with.corpus: found the path '../outside.jsonl', outside the allowed folders")]
    [InlineData("corpus: /etc/passwd", "9:21 stages.pairs.with.corpus: found the path '/etc/passwd', outside the allowed folders")]
    public void Reader_NamesTheOption_WhenItsValueDoesNotFit(string option, string expected)
    {
        var fault = Assert.Single(folder.Faults($$"""
            job: sample
            stages:
              documents:
                uses: ingest
                with: { files: [a.jsonl] }
              pairs:
                uses: pairs
                from: { documents: documents }
                with: { {{option}} }
            """));

        Assert.StartsWith("jobs/job.yaml:" + expected, fault);
    }

    [Theory]
    [InlineData("uses: train", "6:3 stages.x.from.pairs: is missing; x expects an earlier stage that publishes pairs.")]
    [InlineData("uses: pairs", "6:3 stages.x.from.documents: is missing; x expects an earlier stage that publishes documents, such as documents.documents.")]
    [InlineData("uses: train\n    from: { pairs: documents.documents }", "8:20 stages.x.from.pairs: found 'documents.documents', an artifact of kind documents; expected pairs.")]
    [InlineData("uses: train\n    from: { pairs: documents }", "8:20 stages.x.from.pairs: found 'documents', which publishes documents, rejects; expected documents.SLOT, one that is pairs.")]
    [InlineData("uses: pairs\n    from: { documents: docs }", "8:24 stages.x.from.documents: unknown stage 'docs'. Known: documents.")]
    [InlineData("uses: pairs\n    from: { document: documents, documents: documents }", "8:13 stages.x.from.document: unknown input slot 'document'; did you mean 'documents'? Known: documents.")]
    [InlineData("uses: pairs\n    from: { documents: [documents] }", "8:24 stages.x.from.documents: found a list of 1; expected one stage.")]
    [InlineData("uses: pairs\n    from: { documents: x }", "8:24 stages.x.from.documents: found 'x', which itself reads 'x': a cycle; expected an earlier stage that does not.")]
    [InlineData("uses: pairs\n    from: [documents]", "8:11 stages.x.from: found a list; expected a mapping of input slots to stages.")]
    [InlineData("with: {}", "6:3 stages.x.uses: is missing; expected one of compare, ingest, pairs, report, train.")]
    [InlineData("uses: ingest", "6:3 stages.x.with.files: is missing; expected a list.")]
    [InlineData("uses: ingest\n    timeout: 0s\n    with: { files: [] }", "8:14 stages.x.timeout: found no time at all; expected more than 0s.")]
    [InlineData("uses: ingest\n    retries: 3\n    with: { files: [] }", "8:5 stages.x.retries: unknown key 'retries'")]
    public void Reader_NamesTheStage_WhenItsPlaceInTheJobDoesNotFit(string body, string expected)
    {
        var fault = Assert.Single(folder.Faults($"""
            job: sample
            stages:
              documents:
                uses: ingest
                with: {"{"} files: [a.jsonl] {"}"}
              x:
                {body}
            """));

        Assert.StartsWith("jobs/job.yaml:" + expected, fault);
    }

    [Fact]
    public void Reader_NamesTheCycle_WhenTwoStagesReadEachOther()
    {
        var faults = folder.Faults("""
            job: sample
            stages:
              a: { uses: compare, from: { models: [b] } }
              b: { uses: train, from: { pairs: a } }
            """);

        Assert.Equal("jobs/job.yaml:3:40 stages.a.from.models: found 'b', which itself reads 'a': a cycle; expected an earlier stage that does not.", faults[0]);
    }

    [Fact]
    public void Reader_TakesSeveralStages_WhenTheSlotTakesMany()
    {
        var spec = folder.Read(JobFolder.Good + """

              again: { uses: train, from: { pairs: pairs, initial: train } }
              compare: { uses: compare, from: { models: [train, again], notes: again.history } }
            """).Require();

        Assert.Equal([new StageRef("train", "model"), new StageRef("again", "model")], spec.Stages[^1].From["models"]);
        Assert.Equal([new StageRef("train", "model")], spec.Stages[^2].From["initial"]);
    }

    [Fact]
    public void Reader_AsksForTheNameReport_WhenAReportIsCalledOtherwise() =>
        Assert.Contains("expected the name 'report'", folder.Faults("job: a\nstages:\n  final: { uses: report, from: { scores: x } }")[0]);

    [Fact]
    public void Reader_IsUsageFault_WhenTheFileIsMissing()
    {
        var fault = Assert.Throws<WorkflowException>(() => JobFileReader.Read("jobs/none.yaml", SampleStage.Table, [], folder.Root));

        Assert.Equal(2, fault.ExitCode);
        Assert.Contains("There is no job file 'jobs/none.yaml'", fault.Message);
    }

    [Fact]
    public void Require_ThrowsAllFaults_WhenThereAreSome()
    {
        var fault = Assert.Throws<WorkflowException>(() => folder.Read("job: a b\nseed: x\nstages: {}").Require());

        Assert.Equal(2, fault.ExitCode);
        Assert.Equal(4, fault.Message.Split('\n').Length);
        Assert.StartsWith("The job has 3 faults:\n  jobs/job.yaml:1:6 job: found 'a b'", fault.Message);
    }
}
