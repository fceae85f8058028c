% Make matpower_dc.csv: MATPOWER's own reading and DC power flow of every case it ships and of
% wrinkles.m beside this file, in GNU Octave. In this folder:
%   MPROOT=<folder of the Python package "matpower"> octave-cli matpower_dc.m > matpower_dc.csv
% Of the tables as loadcase gives them, infinite entries taken as 0:
%   bus_sum, gen_sum, branch_sum   sum over the first 13 (gen: 10) columns of entry * cos(row) *
%                    cos(column): changes when entries swap or a conversion is left out
% Every further figure is of the branch flow PF in MW; rows are 1-based rows of the case.
%   sum_abs_mw       sum over rows of |PF|
%   checksum_mw      sum over rows of PF * cos(row): changes when rows swap or signs turn
%   largest_row, largest_mw      the row with the largest |PF|
%   shifter_row, shifter_mw      the row with the largest |SHIFT|, 0 where there is none
%   reference_mw     output of the generators at the reference bus
mp = getenv('MPROOT');
addpath(fullfile(mp, 'lib'), fullfile(mp, 'data'), fullfile(mp, 'mips', 'lib'), ...
        fullfile(mp, 'mp-opt-model', 'lib'), fullfile(mp, 'mptest', 'lib'));
opt = mpoption('verbose', 0, 'out.all', 0);
files = dir(fullfile(mp, 'data', 'case*.m'));
cases = [cellfun(@(name) name(1:end-2), {files.name}, 'UniformOutput', false), {'wrinkles'}];
function s = weighted(table, columns)
  table = table(:, 1:columns);
  table(isinf(table)) = 0;
  s = cos(1:rows(table)) * table * cos(1:columns)';
end
printf(['case,n_bus,n_branch,n_gen,base_mva,bus_sum,gen_sum,branch_sum,sum_abs_mw,checksum_mw,' ...
        'largest_row,largest_mw,shifter_row,shifter_mw,reference_mw\n']);
for i = 1:numel(cases)
  mpc = loadcase(cases{i});
  printf('%s,%d,%d,%d,%.15g,%.12g,%.12g,%.12g,', cases{i}, rows(mpc.bus), rows(mpc.branch), ...
         rows(mpc.gen), mpc.baseMVA, weighted(mpc.bus, 13), weighted(mpc.gen, 10), ...
         weighted(mpc.branch, min(13, columns(mpc.branch))));
  if isfield(mpc, 'dcline'), mpc = toggle_dcline(mpc, 'on'); end
  r = rundcpf(mpc, opt);
  pf = r.branch(:, 14);
  rows_ = (1:numel(pf))';
  [~, big] = max(abs(pf));
  [angle, shifter] = max(abs(r.branch(:, 10)) .* (r.branch(:, 11) > 0));
  shifted = 0;
  if angle > 0, shifted = pf(shifter); else, shifter = 0; end
  ref = r.bus(r.bus(:, 2) == 3, 1);
  at_ref = r.gen(:, 8) > 0 & ismember(r.gen(:, 1), ref);
  printf('%.9f,%.9f,%d,%.9f,%d,%.9f,%.9f\n', sum(abs(pf)), sum(pf .* cos(rows_)), big, ...
         pf(big), shifter, shifted, sum(r.gen(at_ref, 2)));
end
