using System.CommandLine;
using System.Security.Cryptography;
using Trainer;
using Trainer.Checkpoints;
using Trainer.Encoders.Pretrained;
using Trainer.Training;
using Trainer.Training.Distributed;

namespace TrainerApp;

/// <summary><c>train</c>: the training loop on a packed training set; goes on from its checkpoints where there are some.</summary>
static class TrainCommand
{
    const string OptionsFile = "options.json", InitialFolder = "initial";

    public static Command Build()
    {
        var set = new Option<string>("--set") { Description = "Packed training set", HelpName = "DIR", Required = true };
        var model = new Option<string?>("--model") { Description = $"Model to go on from; else {InitialFolder}/ of the set, where it has one; else a new one is made", HelpName = "DIR" };
        var output = new Option<string>("--output") { Description = "Folder for the model", HelpName = "DIR", Required = true };
        var options = new Option<string?>("--options") { Description = $"JSON file of training options; else {OptionsFile} of the set, where it has one", HelpName = "FILE" };
        var device = new Option<string?>("--device") { Description = "cpu, cuda or cuda:INDEX; else as the options say", HelpName = "DEVICE" };
        var checkpoints = new Option<string?>("--checkpoints") { Description = "Folder for checkpoints; OUTPUT.checkpoints unless told otherwise", HelpName = "DIR" };
        var threads = SharedOptions.Threads();
        var command = new Command("train", "Train on a packed training set") { set, model, output, options, device, checkpoints, threads };
        command.SetAction((parse, cancellationToken) =>
        {
            var target = Path.GetFullPath(parse.GetValue(output)!);
            if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            {
                throw new TrainerException($"{target} is not empty; name a folder that does not exist yet.");
            }

            var folder = parse.GetValue(set)!;
            var packed = PackedTrainingSet.Read(folder);
            var file = parse.GetValue(options) ?? (File.Exists(Path.Combine(folder, OptionsFile)) ? Path.Combine(folder, OptionsFile) : null);
            var training = file is null ? new TrainOptions() : TrainOptionsFile.Read(file);
            training = parse.GetValue(device) is { } place ? training with { Device = place } : training;
            using var ranks = DistributedContext.FromEnvironment(training.Device);
            training = training with { Device = ranks.DeviceOf(training.Device) };
            _ = SharedOptions.Find(training.Device);

            var own = Path.Combine(folder, InitialFolder);
            var initial = parse.GetValue(model) is { } from ? FileSet.FromFolder(from) : Directory.Exists(own) ? FileSet.FromFolder(own) : null;
            if (initial is null)
            {
                training = training with { QueryLength = training.QueryLength ?? packed.Manifest.QueryLength, PassageLength = training.PassageLength ?? packed.Manifest.PassageLength };
            }
            else
            {
                RequireSameTokenizer(initial, packed.Tokenizer);
            }

            packed.Manifest.Require(StartingModel.Decide(initial, packed.Manifest.VocabularySize, training).Config, folder);
            var scratch = Path.GetFullPath(parse.GetValue(checkpoints) ?? target + ".checkpoints");
            Directory.CreateDirectory(scratch);
            Directory.CreateDirectory(target);
            var result = ranks.Run(_ => TrainLoop.Run(
                new TrainInputs
                {
                    Rows = packed.Rows,
                    DataDigest = packed.Manifest.DataDigest,
                    Tokenizer = initial ?? packed.Tokenizer,
                    InitialModel = initial,
                    Dev = packed.Dev,
                    Seed = packed.Manifest.Seed,
                    Threads = parse.GetValue(threads),
                    Scratch = scratch,
                    Output = target,
                    Ranks = ranks,
                    Checkpoints = Checkpoint.Find(scratch),
                },
                training, ranks.IsFirst ? new ConsoleObserver() : new SilentObserver(), cancellationToken));
            Console.WriteLine($"steps {result.Steps}, loss {result.Loss:0.0000}, dev nDCG@10 {result.DevMetric?.ToString("0.0000") ?? "-"}, model {result.ModelDigest} in {target}");
            return Task.FromResult(0);
        });
        return command;
    }

    // Ids mean something else with another tokenizer.
    static void RequireSameTokenizer(FileSet model, FileSet packed)
    {
        foreach (var name in packed.Paths.Keys.Where(n => n is "tokenizer.json" or "vocab.txt" or "sentencepiece.bpe.model").Where(model.Has))
        {
            if (!Hash(model[name]).AsSpan().SequenceEqual(Hash(packed[name])))
            {
                throw new TrainerException($"{model[name]} is not the {name} that the training set was packed with ({packed[name]}); expected the same tokenizer. Pack the set for this model.");
            }
        }
    }

    static byte[] Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return SHA256.HashData(stream);
    }
}
