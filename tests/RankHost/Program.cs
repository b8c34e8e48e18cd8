using RankHost;
using TorchSharp;
using Trainer;
using Trainer.Training.Distributed;

// One rank of a group, for the tests: joins as torchrun's variables say, does what the first argument names, and ends with 1 and a message where something fails.
try
{
    torch.set_num_threads(1);
    var options = new DistributedOptions
    {
        TimeoutSeconds = Seconds("RANK_TIMEOUT", 20),
        JoinSeconds = Seconds("RANK_JOIN", 20),
        SilenceSeconds = Seconds("RANK_SILENCE", 2),
    };
    using var context = DistributedContext.FromEnvironment("cpu", options);
    return context.Run(c => args[0] switch
    {
        "operations" => Operations.Run(c, args[1]),
        "wait" => Operations.Wait(c),
        "train" => TinyTraining.Run(c, args[1..]),
        "embeddings" => Embeddings(c),
        "objective" => ObjectiveShares.Run(c),
        "unequal" => Operations.Unequal(c),
        "fault" => Operations.Fault(c),
        _ => throw new TrainerException($"'{args[0]}' is nothing that a rank does."),
    });
}
catch (Exception fault) when (fault is TrainerException or TorchException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}

static int Embeddings(DistributedContext context)
{
    Layouts.Run(context);
    LossShares.Run(context);
    Layouts.Differ(context);
    return 0;
}

static double Seconds(string name, double otherwise) =>
    Environment.GetEnvironmentVariable(name) is { } text ? double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : otherwise;
