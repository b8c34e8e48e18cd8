using System.CommandLine;
using System.Text.Json.Nodes;
using Trainer.Training;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Stages;

namespace Workflow.Cli;

/// <summary><c>pack RUN STAGE</c>: what a train stage reads as plain files, which the trainer can train on where there is nothing but libtorch.</summary>
sealed class PackCommand : ICliCommand
{
    const string OptionsFile = "options.json", InitialFolder = "initial";

    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var stage = new Argument<string>("STAGE") { Description = "A stage that uses train; what it reads must be there, itself it need not have run" };
        var output = new Option<string>("--output") { Description = "Folder to write; must not exist", HelpName = "DIR", Required = true };
        var command = new Command("pack", "Pack what a train stage reads, to train on another machine with `trainer train --set DIR`") { run, stage, output };
        command.SetAction((parse, cancellationToken) =>
        {
            var folder = context.PathOf(parse.GetValue(output)!);
            if (Path.Exists(folder))
            {
                throw new WorkflowException($"{folder} exists already; name a folder that does not.", exitCode: 2);
            }

            using var ledger = context.OpenRead(parse);
            var manifest = Pack(context, ledger, new ArtifactStore(context.PathsOf(parse)), ledger.ResolveRun(parse.GetValue(run)!), parse.GetValue(stage)!, folder, cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonObject { ["output"] = folder, ["rows"] = manifest.Rows, ["queries"] = manifest.Queries, ["passages"] = manifest.Passages, ["sha256"] = manifest.Sha256 });
            }
            else
            {
                context.Output.WriteLine($"{HumanText.Count(manifest.Rows)} rows over {HumanText.Count(manifest.Queries)} queries and {HumanText.Count(manifest.Passages)} passages in {folder}");
            }

            return Task.FromResult(0);
        });
        return command;
    }

    static PackedManifest Pack(CliContext context, LedgerDb ledger, ArtifactStore store, string runId, string stage, string folder, CancellationToken cancellationToken)
    {
        var job = context.Host().JobFromJson(ledger.Detail(runId).JobJson);
        var spec = job.Stages.FirstOrDefault(s => s.Name == stage && s.Options is TrainStageOptions)
            ?? throw new WorkflowException(
                $"Run {HumanText.Short(runId)} has no train stage '{stage}'. Found: {string.Join(", ", job.Stages.Where(s => s.Options is TrainStageOptions).Select(s => s.Name))}.", exitCode: 2);
        var slots = ledger.Read(db => NodeInputs.Load(db, store, runId, new PlannedNode(stage, spec, "stage", 0, null, [], []))).Slots;
        var options = (TrainStageOptions)spec.Options;
        var tables = context.Tables();
        var shards = Only("shards") ?? throw new WorkflowException($"{stage} reads no shards; expected `from: {{shards: ...}}`.");
        var initial = Only("initial")?.Files();
        var tokenizer = initial ?? Only("tokenizer")?.Files() ?? throw new WorkflowException($"{stage} reads neither a tokenizer nor an initial model; expected one of them.");
        var scores = Only("teacher") is { } teacher ? TeacherScores.Read(tables, teacher.Paths, cancellationToken) : null;
        var (rows, summaries, config) = ShardedRows.Read(tables, shards.Files(), tokenizer, initial, options.Training, job.Threads, scores, cancellationToken: cancellationToken);
        var dev = TrainStage.Dev(Only("documents")?.Paths ?? [], Only("pairs")?.Paths ?? [], options, tables, cancellationToken);

        // The folder appears whole or not at all.
        var making = folder + ".making";
        Directory.CreateDirectory(making);
        try
        {
            var manifest = PackedTrainingSetWriter.Write(making, rows, summaries, tokenizer, dev, PackedManifest.For(shards.Id, job.Seed, config));
            TrainOptionsFile.Write(Path.Combine(making, OptionsFile), options.Training);
            foreach (var (name, path) in initial?.Paths ?? new Dictionary<string, string>())
            {
                var target = Path.Combine(making, InitialFolder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(path, target);
            }

            Directory.Move(making, folder);
            return manifest;
        }
        catch
        {
            Directory.Delete(making, recursive: true);
            throw;
        }

        InputArtifact? Only(string slot) => slots.GetValueOrDefault(slot, []) is [var only, ..] ? only : null;
    }
}
