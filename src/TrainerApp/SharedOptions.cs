using System.CommandLine;
using TorchSharp;
using Trainer;

namespace TrainerApp;

/// <summary>Options that several commands take.</summary>
static class SharedOptions
{
    public static Option<string> Device() => new("--device") { Description = "cpu, cuda or cuda:INDEX", HelpName = "DEVICE", DefaultValueFactory = _ => "cpu" };

    public static Option<int> Threads() => new("--threads") { Description = "Threads of libtorch on the CPU", DefaultValueFactory = _ => 2 };

    public static Option<bool> Json() => new("--json") { Description = "Print the result as one line of JSON" };

    /// <summary>The device that was asked for, checked.</summary>
    /// <exception cref="TrainerException">It names no device.</exception>
    /// <exception cref="TorchException">There is no such device.</exception>
    public static torch.Device Find(string description)
    {
        if (TorchRuntime.Unavailable is { } missing)
        {
            throw new TrainerException(missing);
        }

        try
        {
            return TorchRuntime.Require(new torch.Device(description));
        }
        catch (ArgumentException error)
        {
            throw new TrainerException($"--device {description}: {error.Message}", error);
        }
    }
}
