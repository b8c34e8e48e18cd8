using System.CommandLine;
using System.Text;
using DataPrep;
using Trainer;
using TrainerApp;
using TorchSharp;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
var root = new RootCommand("Trains and measures on a machine that has libtorch and nothing else: no web host, no database, no Parquet.")
{
    DoctorCommand.Build(), TrainCommand.Build(), BenchCommand.Build(), SelfTestCommand.Build(),
};
var parse = root.Parse(args);
if (parse.Errors.Count > 0 && args.Length > 0)
{
    foreach (var error in parse.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    Console.Error.WriteLine("`trainer --help` lists what it takes.");
    return 2;
}

try
{
    return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
}
catch (Exception fault) when (fault is TrainerException or DataPrepException or TorchException or DllNotFoundException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Stopped.");
    return 1;
}
